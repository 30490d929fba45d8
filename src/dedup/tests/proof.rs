//! What shows that two wordings say the same, and what looks like it and does not: line after line
//! in several languages, written before the rules they hold to.

use super::{
    super::*,
    desk::{expect, pair},
};

#[track_caller]
fn told(pairs: &[(&str, &str)]) {
    let wrong: Vec<String> = pairs
        .iter()
        .filter(|(first, second)| pair(first, second).decision == Decision::Repeat)
        .map(|(first, second)| format!("{first} / {second}"))
        .collect();
    assert!(wrong.is_empty(), "swallowed:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_shorter_repeats() {
    expect(
        Decision::Repeat,
        &[
            (
                "Tovar museum reopens after three years of costly repairs",
                "Tovar museum reopens after three years of repairs",
            ),
            (
                "Norhaven dockers vote to strike over planned job cuts at container terminal",
                "Norhaven dockers vote to strike over planned job cuts",
            ),
            (
                "Two climbers rescued from icy ledge on Mount Serra by army helicopter",
                "Two climbers rescued from ledge on Mount Serra by helicopter",
            ),
            (
                "Veteran Harlow midfielder Jon Pereira signs three-year contract with Dynamo Lissa",
                "Harlow midfielder Jon Pereira signs three-year contract with Dynamo Lissa",
            ),
            (
                "Court in Brask jails former mining boss Edda Lunn for nine years over bribes",
                "Court jails former mining boss Edda Lunn for nine years over bribes",
            ),
            (
                "Storm Fiona tears roofs off houses and schools in coastal villages of Sorrel",
                "Storm Fiona tears roofs off houses and schools in villages of Sorrel",
            ),
            (
                "Rare snow leopard cub born at Almaden zoo, first in a decade",
                "Snow leopard cub born at Almaden zoo",
            ),
            (
                "Corven city council approves controversial bridge toll after heated debate",
                "Corven council approves bridge toll",
            ),
            (
                "Swimmer Lea Brandt breaks world record in 200 metres freestyle at Oslo championships",
                "Swimmer Lea Brandt breaks world record in 200 metres freestyle",
            ),
            (
                "В Заречье открыли новый пешеходный мост через реку Тавру",
                "В Заречье открыли мост через реку Тавру",
            ),
            (
                "Полиция Нижнеборска нашла похищенную коллекцию старинных монет",
                "Полиция Нижнеборска нашла похищенную коллекцию монет",
            ),
            ("Умер известный дирижер Олег Старцев", "Умер дирижер Олег Старцев"),
            (
                "Суд Озерска арестовал имущество строительной компании «Вектор»",
                "Суд арестовал имущество компании «Вектор»",
            ),
            (
                "Врачи Лесногорска спасли упавшего с крыши рабочего",
                "Врачи спасли упавшего с крыши рабочего",
            ),
            (
                "Жители Сосновки потребовали закрыть незаконную свалку отходов",
                "Жители Сосновки потребовали закрыть свалку отходов",
            ),
        ],
    );
}

#[test]
fn without_its_head_it_is_something_else() {
    told(&[
        (
            "Nuclear plant evacuation exercise held near Corven",
            "Nuclear plant evacuation near Corven",
        ),
        ("Bank robbery film tops Norhaven box office", "Bank robbery tops Norhaven list"),
        ("Harlow mayor's aide arrested over land deals", "Harlow mayor arrested over land deals"),
        ("Bomb threat hoax closes Tovar airport", "Bomb threat closes Tovar airport"),
        ("Pilots end strike at Norhaven airport", "Pilots strike at Norhaven airport"),
        ("Coach Brandt's assistant sacked by Dynamo Lissa", "Coach Brandt sacked by Dynamo Lissa"),
        ("Sorrel police dog shot dead in raid", "Sorrel police shot dead in raid"),
        ("Kidnap plot against Brask judge uncovered", "Kidnap of Brask judge uncovered"),
        ("Would-be assassin of Corven king caught", "Assassin of Corven king caught"),
        ("Peace talks proposal rejected by Sorrel rebels", "Peace talks rejected by Sorrel rebels"),
        ("Cholera vaccine arrives in Tovar camps", "Cholera arrives in Tovar camps"),
        ("Deputy leader of Harlow opposition quits", "Leader of Harlow opposition quits"),
        ("Brask avoids recession as exports rise", "Brask recession as exports rise"),
        (
            "Power station fire alarm empties Lissa offices",
            "Power station fire empties Lissa offices",
        ),
        ("Помощник мэра Заречья задержан за взятку", "Мэр Заречья задержан за взятку"),
        (
            "Сын губернатора Тавринской области попал в аварию",
            "Губернатор Тавринской области попал в аварию",
        ),
        ("Угроза взрыва на вокзале Озерска", "Взрыв на вокзале Озерска"),
        ("Учения по эвакуации школы прошли в Сосновке", "Эвакуация школы прошла в Сосновке"),
        (
            "Бывший министр энергетики задержан в аэропорту",
            "Министр энергетики задержан в аэропорту",
        ),
        ("Заместитель главы Лесногорска подал в отставку", "Глава Лесногорска подал в отставку"),
        ("Fire at Tovar hotel kills four", "Fire at Tovar airport hotel kills four"),
        ("Brask court jails banker", "Brask court jails second banker"),
        ("Norhaven strikes set for Friday", "Norhaven air strikes set for Friday"),
        ("Corven elects new president", "Corven university elects new president"),
        ("Harlow minister resigns", "Harlow shadow minister resigns"),
        ("Lissa bans plastic bags", "Lissa supermarket bans plastic bags"),
        ("Police shoot man in Sorrel", "Police shoot unarmed man in Sorrel"),
        ("Explosion at Almaden plant", "Explosion at Almaden chemical plant injures nine"),
    ]);
}

#[test]
fn another_word_for_it_repeats() {
    expect(
        Decision::Repeat,
        &[
            (
                "Ruling party's majority narrows in Harlow vote",
                "Ruling party's majority shrinks in Harlow vote",
            ),
            (
                "Thieves steal paintings from Tovar museum",
                "Burglars steal paintings from Tovar museum",
            ),
            (
                "Corven postpones local elections to spring",
                "Corven delays local elections to spring",
            ),
            ("Harlow shuts border with Sorrel", "Harlow closes border with Sorrel"),
            (
                "Tovar unveils plan to plant a million trees",
                "Tovar announces plan to plant a million trees",
            ),
            ("Doctors in Brask walk out over pay", "Doctors in Brask strike over pay"),
            (
                "В Заречье задержали подозреваемого в краже икон",
                "В Заречье поймали подозреваемого в краже икон",
            ),
            ("Пожар на складе в Озерске потушили", "Пожар на складе в Озерске ликвидировали"),
            ("Мэром Лесногорска избрали Анну Ветрову", "Мэром Лесногорска стала Анна Ветрова"),
            ("Скончался композитор Игорь Лавров", "Умер композитор Игорь Лавров"),
            ("В Сосновке обнаружили клад XVII века", "В Сосновке нашли клад XVII века"),
            (
                "Неизвестные похитили картину из музея Тавринска",
                "Неизвестные украли картину из музея Тавринска",
            ),
            (
                "Парламент одобрил закон о лесах в первом чтении",
                "Парламент принял закон о лесах в первом чтении",
            ),
            (
                "При взрыве в шахте погибли пять горняков",
                "При взрыве в шахте погибли пять шахтеров",
            ),
            (
                "Власти Озерска запретят самокаты в центре",
                "Администрация Озерска запретит самокаты в центре",
            ),
        ],
    );
}

#[test]
fn a_word_beside_it_is_another() {
    told(&[
        ("Norhaven ferry capsizes off Cape Ronda", "Norhaven ferry runs aground off Cape Ronda"),
        ("Brask halts exports of grain to Sorrel", "Brask halves exports of grain to Sorrel"),
        ("Corven minister offers to resign", "Corven minister asked to resign"),
        (
            "Almaden hospital treats 40 after gas leak",
            "Almaden hospital turns away 40 after gas leak",
        ),
        (
            "Harlow police question banker over missing funds",
            "Harlow police charge banker over missing funds",
        ),
        (
            "Tovar court hears appeal of jailed editor",
            "Tovar court upholds appeal of jailed editor",
        ),
        ("Lissa council debates ban on scooters", "Lissa council passes ban on scooters"),
        ("Army surrounds rebels in Sorrel hills", "Army attacks rebels in Sorrel hills"),
        ("Norhaven doctors threaten to strike", "Norhaven doctors strike"),
        (
            "Two wounded in knife attack in Tovar market",
            "Two killed in knife attack in Tovar market",
        ),
        (
            "Company recalls baby food over glass fears",
            "Company relaunches baby food over glass fears",
        ),
        ("Brask bank raises fees for card payments", "Brask bank scraps fees for card payments"),
        ("В Заречье задержали директора завода", "В Заречье освободили директора завода"),
        ("Парламент рассмотрит закон о лесах", "Парламент принял закон о лесах"),
        ("Ракета запустит спутник «Тавр» на орбиту", "Ракета запустила спутник «Тавр» на орбиту"),
        ("Мэр Озерска намерен уйти в отставку", "Мэр Озерска ушел в отставку"),
        (
            "Суд начал рассмотрение дела банкира Лунина",
            "Суд завершил рассмотрение дела банкира Лунина",
        ),
        ("В Сосновке ранены двое рыбаков", "В Сосновке погибли двое рыбаков"),
        ("Полиция допросила тренера «Вымпела»", "Полиция арестовала тренера «Вымпела»"),
        ("Цены на бензин в Тавринске выросли", "Цены на бензин в Тавринске упали"),
        ("Компания «Вектор» построит порт в Заречье", "Компания «Вектор» построила порт в Заречье"),
        ("Авиакомпания отменила рейсы в Озерск", "Авиакомпания возобновила рейсы в Озерск"),
        (
            "Министр обороны посетит базу в Лесногорске",
            "Министр обороны посетил базу в Лесногорске",
        ),
        ("Учителя Нижнеборска готовят забастовку", "Учителя Нижнеборска начали забастовку"),
    ]);
}

#[test]
fn a_place_and_who_is_from_there_are_one() {
    expect(
        Decision::Repeat,
        &[
            (
                "Французский парламент одобрил пенсионную реформу",
                "Парламент Франции одобрил пенсионную реформу",
            ),
            (
                "Полиция Польши задержала угонщика самолета",
                "Польская полиция задержала угонщика самолета",
            ),
            (
                "Японские ученые создали робота-пожарного",
                "Ученые из Японии создали робота-пожарного",
            ),
            ("Пожар в московском метро потушен", "Пожар в метро Москвы потушен"),
            ("Турецкий лайнер экстренно сел в Сочи", "Лайнер из Турции экстренно сел в Сочи"),
            ("Немецкий суд оправдал хакера", "Суд в Германии оправдал хакера"),
            ("Польський уряд виділив кошти на дороги", "Уряд Польщі виділив кошти на дороги"),
            ("Львівська міськрада заборонила самокати", "Міськрада Львова заборонила самокати"),
            (
                "Torvian president cancels trip to Lissa",
                "President of Torvia cancels trip to Lissa",
            ),
            (
                "Almadenian farmers block roads to capital",
                "Farmers in Almadenia block roads to capital",
            ),
            ("Spanish court orders release of singer", "Court in Spain orders release of singer"),
        ],
    );
    told(&[
        (
            "В Казани открылся завод по выпуску стекла",
            "В казанском заводе открылся цех по выпуску стекла",
        ),
        ("В Красноярском крае горят леса", "В Красноярске горят леса"),
    ]);
}

#[test]
fn what_somebody_is_goes_with_his_name() {
    expect(
        Decision::Repeat,
        &[
            ("Режиссер Павел Громов получил приз в Венеции", "Павел Громов получил приз в Венеции"),
            (
                "Теннисистка Ирина Белова вышла в финал турнира",
                "Ирина Белова вышла в финал турнира",
            ),
            ("Павел Громов снимет фильм о космосе", "Режиссер Павел Громов снимет фильм о космосе"),
            ("Миллиардер Штерн купил клуб «Вымпел»", "Карл Штерн купил клуб «Вымпел»"),
            (
                "Novelist Ada Rowe wins Brask literature prize",
                "Ada Rowe wins Brask literature prize",
            ),
        ],
    );
    told(&[
        ("Жена режиссера Громова получила приз", "Режиссер Громов получил приз"),
        ("Адвокат певца Штерна арестован", "Певец Штерн арестован"),
        ("Павел Громов получил приз в Венеции", "Андрей Громов получил приз в Венеции"),
        ("Тренер «Вымпела» арестован", "Вратарь «Вымпела» арестован"),
    ]);
}

#[test]
fn vowels_that_are_lost_and_signs_that_are_simplified() {
    expect(
        Decision::Repeat,
        &[
            (
                "L'Otan annonce l'envoi de renforts en Torvie",
                "Otan : envoi de renforts en Torvie annoncé",
            ),
            ("Grève à l'hôpital de Lunel", "Grève à l’hôpital de Lunel"),
            (
                "Selon l'Insee, le chômage recule de 0,3 %",
                "Le chômage recule de 0,3 %, selon l'Insee",
            ),
            ("Le ministre de l'Intérieur visite Lunel", "Le ministre de l’Intérieur visite Lunel"),
            ("L'Inps: pensioni in aumento da gennaio", "Inps: pensioni in aumento da gennaio"),
            ("Dell'Orto nominato direttore dell'Opera", "Dell’Orto nominato direttore dell’Opera"),
            ("Terremoto all'Aquila, scuole chiuse", "Terremoto a L'Aquila, scuole chiuse"),
            ("新华社：北岭市宣布暂停地铁服务", "北岭市宣布暂停地铁服务（新华社）"),
            ("海川公司公布年度业绩", "海川公司發佈年度業績"),
            ("青湾市长辞职", "青灣市長辭職"),
            ("世界卫生组织宣布疫情结束", "世卫组织宣布疫情结束"),
            ("国务院总理访问青湾", "总理访问青湾"),
            ("联合国安全理事会召开紧急会议", "安理会召开紧急会议"),
            ("国連安全保障理事会が緊急会合", "国連安保理が緊急会合"),
            ("北原首相が辞任を表明", "北原総理が辞任を表明"),
            ("東港市で1万5000世帯が停電", "東港市で1.5万世帯が停電"),
            ("日本銀行、金利を据え置き", "日銀、金利を据え置き"),
            ("気象庁が津波注意報を発表", "気象庁、津波注意報を発表"),
        ],
    );
    told(&[
        ("青湾市长辞职", "青湾副市长辞职"),
        ("北岭煤矿宣布复工", "北岭煤矿宣布停工"),
        ("海川公司拟裁员千人", "海川公司已裁员千人"),
        ("总理访问青湾", "总统访问青湾"),
        ("青湾大桥通车", "青湾大桥停车"),
        ("北岭大学校长被捕", "北岭小学校长被捕"),
        ("央行上调利率", "央行下调利率"),
        ("世卫组织宣布疫情开始", "世卫组织宣布疫情结束"),
        ("北原首相が辞任へ", "北原前首相が辞任へ"),
        ("東港市長が逮捕", "東港市長が釈放"),
        ("津波注意報を発表", "津波注意報を解除"),
        ("東港で火災、2人死亡", "東港で火災、2人負傷"),
        ("西港市で停電", "東港市で停電"),
        ("日銀、利上げを見送り", "日銀、利上げを決定"),
    ]);
}

#[test]
fn short_forms_and_initials() {
    expect(
        Decision::Repeat,
        &[
            ("Head of International Court of Justice visits Lissa", "Head of ICJ visits Lissa"),
            (
                "World Health Organization warns of measles in Sorrel",
                "WHO warns of measles in Sorrel",
            ),
            ("Winds of 120 km/h batter Norhaven", "Winds of 120 kph batter Norhaven"),
            ("Central Bank of Brask keeps rates at 4%", "CBB keeps rates at 4%"),
            ("Правительство РФ утвердило план", "Правительство России утвердило план"),
            ("МВД сообщило о поимке банды", "Министерство внутренних дел сообщило о поимке банды"),
            ("Estados Unidos retira su embajador de Torvia", "EEUU retira su embajador de Torvia"),
            ("ЗСУ звільнили село Гірське", "Збройні сили України звільнили село Гірське"),
            ("Уряд виділив 3 млн грн на школи", "Уряд виділив 3 мільйони гривень на школи"),
            ("Enflasyon yüzde 40'a çıktı", "Enflasyon %40'a çıktı"),
        ],
    );
}

#[test]
fn order_where_endings_tell_and_where_they_do_not() {
    expect(
        Decision::Repeat,
        &[
            (
                "После второго толчка на Тавре сошли лавины",
                "На Тавре сошли лавины после второго толчка",
            ),
            ("Из Озерска в Заречье пустили электричку", "Пустили электричку в Заречье из Озерска"),
        ],
    );
    told(&[
        ("Тавринск обыграл Озерск в финале", "Озерск обыграл Тавринск в финале"),
        ("Электричку пустили из Озерска в Заречье", "Электричку пустили из Заречья в Озерск"),
    ]);
}
