"""Names to make people from, in many scripts. Where a script is not Latin, its Latin spelling follows a colon.

Each list is of given and family names that are common where they come from; put together by chance they mean nobody.
Family names that differ between women and men are left out, because chance does not know which is which.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class People:
    """People of one language: out of a hundred signers `weight`, living in `countries` (code and share)."""

    language: str
    weight: float
    countries: str
    given: str
    family: str
    family_first: bool = False  # written before the given name and joined to it


GROUPS: tuple[People, ...] = (
    People(
        "en", 45, "GB:84 IE:8 US:3 CA:2 AU:2 NZ:1",
        "Margaret Susan Alison Fiona Heather Joanne Rosemary Bridget Siân Niamh Grace Hannah Eilidh Beth Chloe Imogen "
        "Ruth Sheila Tessa Orla Wendy Yvonne Keith Alan Gareth Rhys Duncan Callum Owen Stuart Nigel Trevor Dermot "
        "Conor Malcolm Leonard Patrick Elliot Toby Ewan Marcus Desmond Winston Lloyd",
        "Ashworth Barlow Blackwood Brennan Cartwright Colley Crabtree Dunmore Eastwood-Hill Fairley Fenwick Garside "
        "Gilchrist Haddow Hargreaves Holroyd Kirkbride Lockwood MacAskill McNulty Mercer Nuttall O’Rourke Ormerod "
        "Pemberton Penhaligon Pritchard Quigley Ramsbottom Rowntree Sowerby Standish Tattersall Thackray Threlfall "
        "Tremayne Underhill Wainwright Whitlock Winstanley Yardley",
    ),
    People(
        "uk", 9, "GB:38 UA:20 PL:20 DE:14 CZ:8",
        "Олена:olena Ірина:iryna Наталія:nataliia Оксана:oksana Тетяна:tetiana Юлія:yuliia Марія:mariia Ганна:hanna "
        "Світлана:svitlana Дарина:daryna Андрій:andrii Олександр:oleksandr Тарас:taras Богдан:bohdan Микола:mykola "
        "Сергій:serhii Дмитро:dmytro Назар:nazar",
        "Шевчук:shevchuk Коваленко:kovalenko Бондаренко:bondarenko Ткаченко:tkachenko Мельник:melnyk "
        "Поліщук:polishchuk Кравчук:kravchuk Лисенко:lysenko Савченко:savchenko Марченко:marchenko Гончар:honchar "
        "Романюк:romaniuk Левченко:levchenko Павлюк:pavliuk Дячук:diachuk",
    ),
    People(
        "pl", 8, "GB:50 PL:44 IE:6",
        "Agnieszka Małgorzata Łucja Zofia Katarzyna Joanna Bożena Elżbieta Tomasz Paweł Michał Grzegorz Łukasz "
        "Sławomir Wojciech Krzysztof",
        "Zając Dąbek Wróbel Gałązka Żuraw Świątek Pietrzak Król Sikora Baran Szczepaniak Mazur Krawczyk Kołodziej "
        "Czajka Borówka",
    ),
    People(
        "de", 6, "DE:72 AT:14 CH:10 GB:4",
        "Jürgen Käthe Björn Günter Anneliese Ulrike Lena Matthias Sebastian Jörg Heike Karolin Søren Åsa",
        "Müllenbach Schröter Krüger Weiß Großmann Böhnke Lindström Hölscher Färber Niedermayer Østergaard Quandt "
        "Brömmel Vogelsang",
    ),
    People(
        "fr", 5, "FR:62 BE:22 GB:10 CH:6",
        "Amélie Chloé Françoise Hélène Zoé Benoît Jérôme François-Xavier Étienne Anaïs Maëlle Noël",
        "Lefèvre Béranger Dubreuil Fontanel Guérin Delaunoy Maréchal Châtelain Rousselot Crépin Vandenbroucke",
    ),
    People(
        "es", 4, "ES:55 PT:20 GB:25",
        "Íñigo Begoña Concepción Andrés Lucía Nuño Inês João Conceição Tomás Xoán Mónica",
        "Ibáñez Peñalver Muñiz Carvalhal Gonçalves Simões Etxeberria Noguerol Albarracín Cebrián Quiñones",
    ),
    People(
        "ro", 3, "RO:45 GB:35 MD:20",
        "Ștefan Ioana Mădălina Răzvan Ruxandra Cosmina Călin Brîndușa Horațiu",
        "Ionașcu Țăranu Bălan Drăgușin Mureșan Vlădescu Știrbu Păduraru",
    ),
    People(
        "cs", 2, "CZ:55 SK:30 GB:15",
        "Jiří Tomáš Anežka Kateřina Ľubomír Zdeňka Šárka Ondřej Radovan",
        "Krejčí Janků Martinů Petrů Hořejší Jirků Vašků Fabianů",
    ),
    People(
        "tr", 2, "TR:35 GB:40 DE:25",
        "Ayşe Çağlar Gülşen Işıl İrem Kadir Nurgül Ömer Şule",
        "Aydoğan Çelikkol Güneş Kılıçkaya Öztan Yıldızhan Şimşekli",
    ),
    People(
        "ar", 4, "GB:50 JO:14 LB:14 DE:14 EG:8",
        "ليلى:layla يوسف:yusuf مريم:maryam خالد:khalid سلمى:salma عمر:omar هدى:huda سامر:samer نور:nour رانيا:rania "
        "طارق:tariq فاطمة:fatima",
        "الحلبي:alhalabi حداد:haddad الخطيب:alkhatib نجار:najjar درويش:darwish المصري:almasri قاسم:qasim "
        "الشامي:alshami بركات:barakat",
    ),
    People(
        "hi", 3, "GB:66 IN:30 CA:4",
        "अनीता:anita राहुल:rahul सुनीता:sunita दीपक:deepak प्रिया:priya कविता:kavita अमित:amit मीना:meena संजय:sanjay",
        "शर्मा:sharma देशमुख:deshmukh जोशी:joshi मिश्रा:mishra वर्मा:verma चौहान:chauhan नायर:nair",
    ),
    People(
        "bn", 3, "GB:70 BD:22 IN:8",
        "রহিমা:rahima তানভীর:tanvir শিরিন:shirin নাসরিন:nasrin জামাল:jamal মৌসুমী:mousumi সুমন:suman",
        "আহমেদ:ahmed চৌধুরী:chowdhury বেগম:begum রহমান:rahman দাস:das হোসেন:hossain সরকার:sarkar",
    ),
    People(
        "zh", 2, "GB:58 TW:20 SG:14 CA:8",
        "芳:fang 伟:wei 秀英:xiuying 静怡:jingyi 建国:jianguo 丽:li 浩然:haoran 雨桐:yutong",
        "王:wang 李:li 张:zhang 陈:chen 林:lin 黄:huang 周:zhou",
        family_first=True,
    ),
    People(
        "el", 1.5, "GR:60 CY:20 GB:20",
        "Ελένη:eleni Γιώργος:giorgos Δήμητρα:dimitra Νίκος:nikos Κατερίνα:katerina Σοφία:sofia",
        "Οικονόμου:oikonomou Γεωργίου:georgiou Νικολάου:nikolaou Αθανασίου:athanasiou Ιωάννου:ioannou",
    ),
    People(
        "ka", 1, "GE:70 GB:30",
        "ნინო:nino გიორგი:giorgi თამარ:tamar ლევან:levan ქეთევან:ketevan",
        "ბერიძე:beridze კაპანაძე:kapanadze გელაშვილი:gelashvili ლომიძე:lomidze",
    ),
    People(
        "he", 1.5, "IL:50 GB:44 US:6",
        "רות:ruth אורי:uri תמר:tamar נועם:noam מיכל:michal דוד:david",
        "לוין:levin כהן:cohen מזרחי:mizrahi פרידמן:friedman שפירא:shapira",
    ),
)  # fmt: skip
