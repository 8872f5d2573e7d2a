"""The tokens of the design (`static/css/public.css`), light, for what is printed."""

Colour = tuple[int, int, int]
INK: Colour = (20, 32, 46)
INK2: Colour = (69, 85, 106)
LINE: Colour = (211, 220, 230)
MIST: Colour = (241, 245, 249)
ACT: Colour = (18, 80, 143)
NIGHT: Colour = (17, 41, 77)
UNLIT: Colour = (38, 70, 112)
ON_NIGHT: Colour = (201, 214, 232)
LAMP: Colour = (255, 200, 69)
WHITE: Colour = (255, 255, 255)
