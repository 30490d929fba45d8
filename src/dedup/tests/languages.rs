//! The same in other languages and scripts.

use super::{
    super::*,
    desk::{expect, pair},
};

#[test]
fn other_scripts() {
    expect(
        Decision::Repeat,
        &[
            ("عاجل | انفجارٌ كبير يهز مدينة فلمار القديمة", "انفجار كبير يهز مدينة فلمار القديمة"),
            ("إعلان حالة الطوارئ في ميناء فلمار", "\u{200f}اعلان حاله الطوارئ في ميناء فلمار"),
            ("СРОЧНО: В порту Велмара прогремел взрыв", "В порту Велмара прогремел взрыв"),
            ("Всё о тушении пожара в Орвике", "Все о тушении пожара в Орвике"),
            ("維爾馬港口因風暴關閉", "「維爾馬」港口因風暴關閉。"),
            (
                "Élections à Velmar : le maire réélu dès le premier tour",
                "Elections à Velmar: le maire réélu dès le premier tour",
            ),
        ],
    );
    for (first, second) in [
        ("انفجار يقتل 9 في فلمار", "انفجار يقتل 12 في فلمار"),
        ("البرلمان يقبل اتفاق الميناء", "البرلمان لا يقبل اتفاق الميناء"),
        ("Парламент принял договор о порте", "Парламент не принял договор о порте"),
        ("維爾馬港口關閉", "維爾馬港口重開"),
        ("地震で3人死亡", "地震で5人死亡"),
        ("El alcalde acepta el acuerdo del puerto", "El alcalde no acepta el acuerdo del puerto"),
    ] {
        let verdict = pair(first, second);
        assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
    }
}

/// Copies repeat; a changed figure, name, place or verb, or a "not", never does.
#[track_caller]
fn language(copies: &[(&str, &str)], news: &[(&str, &str)]) {
    expect(Decision::Repeat, copies);
    for (first, second) in news {
        for (first, second) in [(first, second), (second, first)] {
            let verdict = pair(first, second);
            assert_ne!(verdict.decision, Decision::Repeat, "{first} / {second}: {}", verdict.rule);
        }
    }
}

#[test]
fn arabic() {
    language(
        &[
            ("عاجل: انفجار ضخم يهز مدينة فلمار القديمة", "إنفجارٌ ضخم يهزّ مدينة فلمار القديمة"),
            (
                "الرئيس: لن ننسحب من الجزر الشمالية قبل الشتاء",
                "الرئيس : لن ننسحب من الجزر الشمالية قبل الشتاء.",
            ),
            ("مقتل ١٢ شخصا في حريق بميناء أورفيك", "مقتل 12 شخصًا في حريق بميناء اورفيك"),
            (
                "إعلان حالة الطوارئ في إقليم دورناخ بعد الفيضانات",
                "اعلان حاله الطوارئ في اقليم دورناخ بعد الفيضانات",
            ),
        ],
        &[
            ("مقتل 9 أشخاص في حريق بميناء أورفيك", "مقتل 12 شخصا في حريق بميناء أورفيك"),
            (
                "البرلمان يوافق على اتفاق الميناء مع دورناخ",
                "البرلمان لا يوافق على اتفاق الميناء مع دورناخ",
            ),
            ("انفجار ضخم يهز مدينة فلمار القديمة", "انفجار ضخم يهز مدينة أورفيك القديمة"),
            ("وزير الدفاع أوديل يزور الجبهة الشمالية", "وزير الدفاع كاستلان يزور الجبهة الشمالية"),
            ("الحكومة تفتح معبر دورناخ أمام الشاحنات", "الحكومة تغلق معبر دورناخ أمام الشاحنات"),
        ],
    );
}

#[test]
fn persian() {
    language(
        &[
            (
                "انفجار بزرگ در بندر ولمار، مقام‌ها خواستار آرامش شدند",
                "انفجار بزرگ در بندر ولمار، مقامها خواستار آرامش شدند",
            ),
            ("رئیس‌جمهور ولماریا به دورناخ سفر کرد", "رئيس‌جمهور ولماريا به دورناخ سفر کرد"),
            ("کشته شدن ۱۲ نفر در آتش‌سوزی بازار اورویک", "کشته شدن 12 نفر در آتش‌سوزی بازار اورویک"),
        ],
        &[
            ("کشته شدن ۹ نفر در آتش‌سوزی بازار اورویک", "کشته شدن ۱۲ نفر در آتش‌سوزی بازار اورویک"),
            ("پارلمان توافق بندر ولمار را پذیرفت", "پارلمان توافق بندر ولمار را نپذیرفت"),
            ("انفجار در نزدیکی فرودگاه ولمار شنیده شد", "انفجار در نزدیکی فرودگاه اورویک شنیده شد"),
            ("وزیر خارجه اودل استعفا داد", "وزیر خارجه کاستلان استعفا داد"),
        ],
    );
}

#[test]
fn russian() {
    language(
        &[
            (
                "СРОЧНО: В порту Велмара прогремел взрыв, есть пострадавшие",
                "В порту Велмара прогремел взрыв, есть пострадавшие",
            ),
            (
                "«Мы не уйдём с островов», — заявил Оделл",
                "Оделл заявил: \"Мы не уйдем с островов\"",
            ),
            (
                "Всё о тушении лесного пожара под Орвиком",
                "Все о тушении лесного пожара под Орвиком",
            ),
        ],
        &[
            (
                "При взрыве в порту Велмара погибли 9 человек",
                "При взрыве в порту Велмара погибли 12 человек",
            ),
            (
                "Парламент Велмарии принял закон о порте",
                "Парламент Велмарии не принял закон о порте",
            ),
            ("Взрыв прогремел возле аэропорта Велмара", "Взрыв прогремел возле аэропорта Орвика"),
            ("Премьер Оделл уйдёт в отставку", "Премьер Кастеллан уйдёт в отставку"),
            (
                "Цены на нефть выросли после саммита в Орвике",
                "Цены на нефть упали после саммита в Орвике",
            ),
        ],
    );
}

#[test]
fn ukrainian() {
    language(
        &[
            (
                "Терміново: у порту Велмара пролунав вибух, є постраждалі",
                "У порту Велмара пролунав вибух, є постраждалі",
            ),
            (
                "Об’єднана опозиція Велмарії вимагає виборів",
                "Об'єднана опозиція Велмарії вимагає виборів",
            ),
            (
                "Пожежа знищила склад «Тералон» в Орвіку",
                "Пожежа знищила склад \"Тералон\" в Орвіку",
            ),
        ],
        &[
            (
                "Внаслідок вибуху у порту Велмара загинули 9 людей",
                "Внаслідок вибуху у порту Велмара загинули 12 людей",
            ),
            (
                "Парламент Велмарії ухвалив закон про порт",
                "Парламент Велмарії не ухвалив закон про порт",
            ),
            ("Вибух пролунав біля аеропорту Велмара", "Вибух пролунав біля аеропорту Орвіка"),
            ("Прем'єр Оделл іде у відставку", "Прем'єр Кастеллан іде у відставку"),
        ],
    );
}

#[test]
fn greek() {
    language(
        &[
            ("ΕΚΤΑΚΤΟ: Ισχυρή έκρηξη στο λιμάνι του Βέλμαρ", "Ισχυρή έκρηξη στο λιμάνι του Βέλμαρ"),
            (
                "Η κυβέρνηση ανακοινώνει νέα μέτρα για τις πυρκαγιές",
                "Η ΚΥΒΕΡΝΗΣΗ ΑΝΑΚΟΙΝΩΝΕΙ ΝΕΑ ΜΕΤΡΑ ΓΙΑ ΤΙΣ ΠΥΡΚΑΓΙΕΣ",
            ),
            (
                "«Δεν θα φύγουμε από τα νησιά», λέει ο Όντελ",
                "\"Δεν θα φύγουμε από τα νησιά\", λέει ο Όντελ",
            ),
        ],
        &[
            ("Εννέα νεκροί από την έκρηξη στο Βέλμαρ", "Δώδεκα νεκροί από την έκρηξη στο Βέλμαρ"),
            (
                "Η βουλή ενέκρινε τη συμφωνία για το λιμάνι",
                "Η βουλή δεν ενέκρινε τη συμφωνία για το λιμάνι",
            ),
            ("Σεισμός 5,2 βαθμών κοντά στο Βέλμαρ", "Σεισμός 5,8 βαθμών κοντά στο Βέλμαρ"),
            ("Πυρκαγιά καίει δάσος έξω από το Βέλμαρ", "Πυρκαγιά καίει δάσος έξω από το Όρβικ"),
        ],
    );
}

#[test]
fn hebrew() {
    language(
        &[
            ("מבזק: פיצוץ עז בנמל ולמאר, יש נפגעים", "פיצוץ עז בנמל ולמאר, יש נפגעים"),
            ("\"לא נעזוב את האיים\", אמר אודל", "״לא נעזוב את האיים״, אמר אודל"),
            ("רֹאשׁ הממשלה הגיע לדורנך לשיחות", "ראש הממשלה הגיע לדורנך לשיחות"),
        ],
        &[
            ("9 הרוגים בפיצוץ בנמל ולמאר", "12 הרוגים בפיצוץ בנמל ולמאר"),
            ("הפרלמנט אישר את הסכם הנמל", "הפרלמנט לא אישר את הסכם הנמל"),
            ("פיצוץ עז נשמע ליד ולמאר הלילה", "פיצוץ עז נשמע ליד אורביק הלילה"),
            ("שר הביטחון אודל ביקר בגבול הצפון", "שר הביטחון קסטלן ביקר בגבול הצפון"),
        ],
    );
}

#[test]
fn chinese() {
    language(
        &[
            ("突发：维尔马港口因风暴关闭三天", "维尔马港口因风暴关闭三天。"),
            ("維爾馬總統：我們不會離開北方群島", "維爾馬總統：「我們不會離開北方群島」"),
            ("奥维克市长宣布辞职，副市长接任", "奥维克市长宣布辞职 副市长接任"),
            ("地震造成12人死亡，救援仍在继续", "地震造成１２人死亡，救援仍在继续"),
        ],
        &[
            ("奥维克地震造成9人死亡", "奥维克地震造成12人死亡"),
            ("议会通过港口协议", "议会未通过港口协议"),
            ("维尔马机场附近发生爆炸", "奥维克机场附近发生爆炸"),
            ("外长李明访问多纳赫", "外长王强访问多纳赫"),
            ("油价在峰会后上涨", "油价在峰会后下跌"),
            ("地震造成三人死亡", "地震造成五人死亡"),
        ],
    );
}

#[test]
fn japanese() {
    language(
        &[
            ("【速報】ベルマー港で爆発、負傷者多数", "ベルマー港で爆発、負傷者多数"),
            ("オービク市長が辞任を表明", "オービク市長が辞任を表明。"),
            ("地震で１２人死亡、救助活動続く", "地震で12人死亡、救助活動続く"),
        ],
        &[
            ("オービクの地震で9人死亡", "オービクの地震で12人死亡"),
            ("議会、港湾協定を承認", "議会、港湾協定を承認せず"),
            ("ベルマー空港近くで爆発", "オービク空港近くで爆発"),
            ("オデル外相がドルナハを訪問", "カステラン外相がドルナハを訪問"),
            ("原油価格が上昇、首脳会談後", "原油価格が下落、首脳会談後"),
        ],
    );
}

#[test]
fn korean() {
    language(
        &[
            ("[속보] 벨마르 항구에서 폭발…부상자 다수", "벨마르 항구에서 폭발, 부상자 다수"),
            ("오르빅 시장, 사임 발표", "오르빅 시장 사임 발표"),
            ("\"북부 섬을 떠나지 않겠다\" 오델 대통령", "“북부 섬을 떠나지 않겠다” 오델 대통령"),
        ],
        &[
            ("오르빅 지진으로 9명 사망", "오르빅 지진으로 12명 사망"),
            ("의회, 항만 협정 승인", "의회, 항만 협정 승인 안 해"),
            ("벨마르 공항 인근에서 폭발 발생", "오르빅 공항 인근에서 폭발 발생"),
            ("오델 외무장관 도르나흐 방문", "카스텔란 외무장관 도르나흐 방문"),
        ],
    );
}

#[test]
fn hindi() {
    language(
        &[
            ("ब्रेकिंग: वेलमार बंदरगाह पर धमाका, कई घायल", "वेलमार बंदरगाह पर धमाका, कई घायल"),
            ("ओर्विक भूकंप में १२ लोगों की मौत", "ओर्विक भूकंप में 12 लोगों की मौत"),
            ("\"हम द्वीप नहीं छोड़ेंगे\", ओडेल ने कहा", "“हम द्वीप नहीं छोड़ेंगे”, ओडेल ने कहा"),
        ],
        &[
            ("ओर्विक भूकंप में 9 लोगों की मौत", "ओर्विक भूकंप में 12 लोगों की मौत"),
            ("संसद ने बंदरगाह समझौता मंजूर किया", "संसद ने बंदरगाह समझौता मंजूर नहीं किया"),
            ("वेलमार हवाई अड्डे के पास धमाका", "ओर्विक हवाई अड्डे के पास धमाका"),
            ("विदेश मंत्री ओडेल दोर्नाख पहुंचे", "विदेश मंत्री कास्टेलन दोर्नाख पहुंचे"),
        ],
    );
}

#[test]
fn turkish() {
    language(
        &[
            (
                "SON DAKİKA: Velmar limanında büyük patlama, yaralılar var",
                "Velmar limanında büyük patlama, yaralılar var",
            ),
            (
                "ORVİK BELEDİYE BAŞKANI İSTİFA ETTİĞİNİ AÇIKLADI",
                "Orvik belediye başkanı istifa ettiğini açıkladı",
            ),
            (
                "DIŞİŞLERİ BAKANLIĞI: SINIR KAPISI AÇILIYOR",
                "Dışişleri Bakanlığı: Sınır kapısı açılıyor",
            ),
        ],
        &[
            ("Orvik'teki patlamada 9 kişi öldü", "Orvik'teki patlamada 12 kişi öldü"),
            ("Meclis liman anlaşmasını kabul etti", "Meclis liman anlaşmasını kabul etmedi"),
            (
                "Velmar yakınlarında şiddetli patlama duyuldu",
                "Orvik yakınlarında şiddetli patlama duyuldu",
            ),
            (
                "Dışişleri Bakanı Odel Dornah'ı ziyaret etti",
                "Dışişleri Bakanı Kastelan Dornah'ı ziyaret etti",
            ),
        ],
    );
}

#[test]
fn german() {
    language(
        &[
            (
                "EILMELDUNG: Explosion im Hafen von Velmar, mehrere Verletzte",
                "Explosion im Hafen von Velmar, mehrere Verletzte",
            ),
            (
                "„Wir verlassen die Inseln nicht“, sagt Odell",
                "\"Wir verlassen die Inseln nicht\", sagt Odell",
            ),
            (
                "Straßenblockade in Orvik nach drei Tagen beendet",
                "Strassenblockade in Orvik nach 3 Tagen beendet",
            ),
        ],
        &[
            ("Explosion im Hafen von Velmar: 9 Tote", "Explosion im Hafen von Velmar: 12 Tote"),
            ("Parlament stimmt Hafenvertrag zu", "Parlament stimmt Hafenvertrag nicht zu"),
            ("Schüsse in der Innenstadt von Velmar", "Schüsse in der Innenstadt von Orvik"),
            (
                "Außenministerin Lindqvist reist nach Dornach",
                "Außenministerin Castellan reist nach Dornach",
            ),
            ("Ölpreis steigt nach Gipfel in Orvik", "Ölpreis fällt nach Gipfel in Orvik"),
        ],
    );
}

#[test]
fn french() {
    language(
        &[
            (
                "URGENT - Explosion dans le port de Velmar, plusieurs blessés",
                "Explosion dans le port de Velmar, plusieurs blessés",
            ),
            (
                "« Nous ne quitterons pas les îles », affirme Odell",
                "\"Nous ne quitterons pas les îles\", affirme Odell",
            ),
            (
                "Élections à Orvik : l'opposition réclame un second tour",
                "Elections à Orvik: l’opposition réclame un second tour",
            ),
        ],
        &[
            (
                "Explosion dans le port de Velmar : neuf morts",
                "Explosion dans le port de Velmar : douze morts",
            ),
            (
                "Le parlement approuve l'accord sur le port",
                "Le parlement n'approuve pas l'accord sur le port",
            ),
            ("Séisme de magnitude 5,2 près de Velmar", "Séisme de magnitude 5,8 près de Velmar"),
            ("Le ministre Odell en visite à Dornach", "Le ministre Castellan en visite à Dornach"),
            (
                "Le prix du pétrole monte après le sommet d'Orvik",
                "Le prix du pétrole baisse après le sommet d'Orvik",
            ),
        ],
    );
}

#[test]
fn spanish() {
    language(
        &[
            (
                "ÚLTIMA HORA: Explosión en el puerto de Velmar, varios heridos",
                "Explosion en el puerto de Velmar, varios heridos",
            ),
            ("«No dejaremos las islas», dice Odell", "\"No dejaremos las islas\", dice Odell"),
            (
                "El alcalde de Orvik anuncia su dimisión tras 3 años",
                "El alcalde de Orvik anuncia su dimisión tras tres años",
            ),
        ],
        &[
            (
                "Explosión en el puerto de Velmar deja 9 muertos",
                "Explosión en el puerto de Velmar deja 12 muertos",
            ),
            (
                "El parlamento aprueba el acuerdo del puerto",
                "El parlamento no aprueba el acuerdo del puerto",
            ),
            ("Tiroteo en el centro comercial de Velmar", "Tiroteo en el centro comercial de Orvik"),
            ("El ministro Odell viaja a Dornach", "El ministro Castellan viaja a Dornach"),
            (
                "El precio del petróleo sube tras la cumbre de Orvik",
                "El precio del petróleo baja tras la cumbre de Orvik",
            ),
        ],
    );
}

#[test]
fn portuguese() {
    language(
        &[
            (
                "URGENTE: Explosão no porto de Velmar, vários feridos",
                "Explosao no porto de Velmar, varios feridos",
            ),
            ("“Não vamos deixar as ilhas”, diz Odell", "\"Não vamos deixar as ilhas\", diz Odell"),
            (
                "Prefeito de Orvik anuncia renúncia após 3 anos no cargo",
                "Prefeito de Orvik anuncia renúncia após três anos no cargo",
            ),
        ],
        &[
            (
                "Explosão no porto de Velmar deixa 9 mortos",
                "Explosão no porto de Velmar deixa 12 mortos",
            ),
            (
                "Parlamento aprova acordo do porto de Velmar",
                "Parlamento não aprova acordo do porto de Velmar",
            ),
            ("Tiroteio no centro comercial de Velmar", "Tiroteio no centro comercial de Orvik"),
            ("Ministro Odell viaja para Dornach", "Ministro Castellan viaja para Dornach"),
            (
                "Preço do petróleo sobe após cúpula de Orvik",
                "Preço do petróleo cai após cúpula de Orvik",
            ),
        ],
    );
}
