//! Kinds of page and line that must come out right on pages nobody tuned the parser to: each in
//! several languages and layouts. Places, people and houses are invented.

use flashwire::{
    item::{Article, Item, PageHash},
    page::{Format, Meta, Page, PageName},
    parse::{Parsed, Sites, lay_out},
};
use jiff::Timestamp;

fn parse(name: &str, text: &str) -> Parsed {
    let bytes = text.as_bytes().to_vec();
    let page = Page {
        name: PageName::new(name.as_bytes()),
        hash: PageHash::of(&bytes),
        format: if name.ends_with(".txt") { Format::Text } else { Format::Html },
        bytes: bytes.into(),
        modified: Timestamp::UNIX_EPOCH,
        seen: Timestamp::UNIX_EPOCH,
        meta: Meta::default(),
    };
    lay_out(&page, &Sites::default()).finish(None)
}

fn article(parsed: &Parsed) -> &Article {
    let found = parsed.drafts.iter().find_map(|draft| match &draft.item {
        Item::Article(article) => Some(article),
        Item::Ticker(_) => None,
    });
    found.unwrap_or_else(|| panic!("no article: {:?}", parsed.remarks))
}

fn ticker<'p>(parsed: &'p Parsed) -> Vec<&'p str> {
    let line = |item: &'p Item| match item {
        Item::Ticker(line) => Some(line.headline.as_str()),
        Item::Article(_) => None,
    };
    parsed.drafts.iter().filter_map(|draft| line(&draft.item)).collect()
}

fn has_remark(parsed: &Parsed, code: &str) -> bool {
    parsed.remarks.iter().any(|remark| remark.code == code)
}

const EN: [&str; 4] = [
    "Divers have found the bell of the Marisol in the bay of Port Aldern, eighty years after the \
     ship went down in a storm, the harbour museum said on Monday.",
    "The bell weighs as much as three men and is hardly damaged. It was lying in eighteen metres \
     of water under a wreck that nobody had thought of looking at before.",
    "“We heard it before we saw it,” said Ruth Ander, who led the search. The current had moved \
     the clapper, and one of the divers followed the sound through the mud.",
    "The museum wants to show the bell from spring on. Before that it has to lie in fresh water \
     for several weeks, so that the salt comes out of the bronze.",
];

const DE: [&str; 3] = [
    "Taucher haben in der Bucht von Aldern die Glocke der Marisol gefunden, achtzig Jahre nachdem \
     das Schiff in einem Sturm gesunken war, wie das Hafenmuseum am Montag mitteilte.",
    "Die Glocke ist so schwer wie drei Männer und kaum beschädigt. Sie lag in achtzehn Metern \
     Tiefe unter einem Wrack, das sich bisher niemand angesehen hatte.",
    "Das Museum will die Glocke vom Frühling an zeigen. Vorher muss sie mehrere Wochen in \
     Süßwasser liegen, damit das Salz aus der Bronze kommt.",
];

const ES: [&str; 3] = [
    "Unos buzos han encontrado en la bahía de Aldina la campana del Marisol, ochenta años después \
     de que el barco se hundiera en un temporal, informó este lunes el museo del puerto.",
    "La campana pesa tanto como tres hombres y apenas está dañada. Estaba a dieciocho metros de \
     profundidad, bajo unos restos que nadie había mirado hasta ahora.",
    "El museo quiere mostrarla a partir de la primavera. Antes tendrá que pasar varias semanas en \
     agua dulce para que salga la sal del bronce.",
];

const RU: [&str; 3] = [
    "Водолазы нашли в бухте Олдерн колокол парохода «Марисоль», затонувшего в шторм восемьдесят \
     лет назад, сообщил в понедельник музей порта.",
    "Колокол весит столько же, сколько трое мужчин, и почти не повреждён. Он лежал на глубине \
     восемнадцати метров под обломками, которые никто раньше не осматривал.",
    "Музей намерен показать колокол весной. До этого он должен несколько недель пролежать в \
     пресной воде, чтобы из бронзы вышла соль.",
];

const AR: [&str; 3] = [
    "عثر غواصون في خليج ألدرن على جرس السفينة ماريسول بعد ثمانين عاما من غرقها في عاصفة، كما أعلن \
     متحف الميناء يوم الاثنين.",
    "يزن الجرس ما يزنه ثلاثة رجال، ولم يتضرر إلا قليلا، وكان على عمق ثمانية عشر مترا تحت حطام لم \
     ينظر إليه أحد من قبل.",
    "ويريد المتحف عرض الجرس ابتداء من الربيع، على أن يبقى قبل ذلك عدة أسابيع في ماء عذب حتى يخرج \
     الملح من البرونز.",
];

fn paragraphs(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("<p>{text}</p>\n")).collect()
}

/// A page in the frame that many sites have.
fn framed(lang: &str, top: &str, inside: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{lang}\"><head><title>Bell of the Marisol found - Aldern \
         Courier</title></head><body><header><a class=logo href=/>Aldern Courier</a><nav><ul><li>\
         <a href=/news>News</a><li><a href=/sport>Sport</a></ul></nav></header>{top}<main><article>\
         <h1>Bell of the Marisol found</h1>{inside}</article></main><aside><h3>Most read</h3><ol>\
         <li><a href=/1>Mayor opens the new fish market</a><li><a href=/2>Why herring is dearer \
         this year</a></ol></aside><footer><p>© 2031 Aldern Courier. All rights reserved.</p>\
         </footer></body></html>"
    )
}

fn with_fields(lang: &str, fields: &str, texts: &[&str]) -> Parsed {
    parse("a.html", &framed(lang, "", &format!("{fields}{}", paragraphs(texts))))
}

fn with_bar(bar: &str) -> Parsed {
    let fields = "<p class=byline>By Ada Kern</p><p class=date>3 May 2031</p>";
    parse("a.html", &framed("en", bar, &format!("{fields}{}", paragraphs(&EN))))
}

fn export(head: &str) -> String {
    format!("{head}\n\n{}\n", EN.join("\n\n"))
}

#[test]
fn the_day_of_publication_among_others() {
    for (lang, line, day) in [
        (
            "en",
            "<p>Updated 9 June 2031, 10:00 | Published 3 May 2031, 18:05</p>",
            "2031-05-03T18:05",
        ),
        ("en", "<p>May 3, 2031 / 11:02 AM / Updated 2 hours ago</p>", "2031-05-03T11:02"),
        ("en", "<p>May 3, 2031 Updated 6:30 a.m. ET</p>", "2031-05-03"),
        ("en-US", "<p>May 3, 2031, 9:15 a.m. EDT; updated May 4, 2031, 7 p.m.</p>", "2031-05-03"),
        ("en-GB", "<p>Sat 3 May 2031 06.30 BST</p>", "2031-05-03T06:30"),
        ("en-GB", "<p>Published 05/06/2031 18:40</p>", "2031-06-05T18:40"),
        ("en-US", "<p>Published 05/06/2031 18:40</p>", "2031-05-06T18:40"),
        ("en", "<p>05/06/2031</p><p>Last modified 25/06/2031</p>", "2031-06-05"),
        (
            "de",
            "<p>Aktualisiert am 9.6.2031, 10:00 Uhr – Veröffentlicht am 3.5.2031, 18.05 Uhr</p>",
            "2031-05-03T18:05",
        ),
        (
            "fr",
            "<p>Mis à jour le 09/06/2031 à 10h00 | Publié le 03/05/2031 à 18h05</p>",
            "2031-05-03T18:05",
        ),
        (
            "es",
            "<p>Actualizado: 09/06/2031 10:00 h · Publicado: 03/05/2031 18:05 h</p>",
            "2031-05-03T18:05",
        ),
        (
            "ru",
            "<p>Обновлено 9 июня 2031, 10:00. Опубликовано 3 мая 2031, 18:05</p>",
            "2031-05-03T18:05",
        ),
        ("ar", "<p>آخر تحديث: 9 يونيو 2031 | تاريخ النشر: 3 مايو 2031</p>", "2031-05-03"),
        (
            "tr",
            "<p>Güncelleme: 09.06.2031 - 10:00 Yayınlanma: 03.05.2031 - 18:05</p>",
            "2031-05-03T18:05",
        ),
        (
            "en",
            "<p>Last updated <time datetime=2031-06-09T10:00Z>9 June 2031</time>. First published <time datetime=2031-05-03T18:05Z>3 May 2031</time></p>",
            "2031-05-03T18:05",
        ),
        (
            "en",
            "<div>Updated</div><time datetime=2031-06-09>9 June</time><div>Published</div><time datetime=2031-05-03>3 May</time>",
            "2031-05-03",
        ),
    ] {
        let texts: &[&str] = if lang == "ru" {
            &RU
        } else if lang == "ar" {
            &AR
        } else {
            &EN
        };
        let parsed = with_fields(lang, line, texts);
        let published = article(&parsed).published.as_ref().map_or("", |at| at.as_str());
        assert!(published.starts_with(day), "{lang} {line}: {published}");
        assert_eq!(article(&parsed).body.split("\n\n").count(), texts.len(), "{line}");
    }
}

#[test]
fn the_byline_among_what_stands_beside_it() {
    for (line, name) in [
        (
            "<div><span class=author>Ada Kern</span> <span class=date>3 May 2031</span></div>",
            "Ada Kern",
        ),
        (
            "<p><a class=author-name href=/ada>Ada Kern</a> | 3 May 2031 | <a href=/news>News</a></p>",
            "Ada Kern",
        ),
        ("<p>3 May 2031 · by <a rel=author href=/ada>Ada Kern</a></p>", "Ada Kern"),
        ("<p class=byline>By harbour correspondent Ada Kern</p>", "Ada Kern"),
        ("<p class=byline>Ada Kern<br>Harbour correspondent, Port Aldern</p>", "Ada Kern"),
        ("<p class=byline>Ada Kern and agencies</p>", "Ada Kern"),
        ("<p class=byline>By Ada Kern with AP</p>", "Ada Kern"),
        ("<p>Von <strong>Ada Kern</strong> mit dpa</p>", "Ada Kern"),
        ("<p>Par <b>Léa Morvan</b> avec AFP</p>", "Léa Morvan"),
        ("<p class=autor>Por Lucía Ferrando, enviada especial</p>", "Lucía Ferrando"),
        (
            "<div class=info><span>2031年5月3日08:21</span> <span>来源：海港日报</span> <span>记者：林远舟</span></div>",
            "林远舟",
        ),
        (
            "<div><span class=author>سامر الخطيب</span> <span class=date>3 مايو 2031</span></div>",
            "سامر الخطيب",
        ),
        ("<div class=author>लेखक: रमेश वर्मा</div>", "रमेश वर्मा"),
        ("<p class=byline>מאת דנה אלון</p>", "דנה אלון"),
    ] {
        let parsed = with_fields("en", line, &EN);
        assert_eq!(article(&parsed).byline.as_deref(), Some(name), "{line}");
        assert_eq!(article(&parsed).body.split("\n\n").count(), EN.len(), "{line}");
    }
    // Other stories' writers stand over the article.
    let river = "<div class=river><div class=item><h4><a href=/1>Herring is dearer</a></h4><span class=byline>By <a rel=author href=/a>Jens Holt</a></span></div><div class=item><h4><a href=/2>Fish market opens</a></h4><span class=byline>By <a rel=author href=/b>Mia Lund</a></span></div></div>";
    let fields = "<p class=byline>By <a rel=author href=/ada>Ada Kern</a></p><time datetime=2031-05-03>3 May 2031</time>";
    let parsed = parse("a.html", &framed("en", river, &format!("{fields}{}", paragraphs(&EN))));
    assert_eq!(article(&parsed).byline.as_deref(), Some("Ada Kern"));
}

#[test]
fn tickers_in_many_layouts() {
    const LINES: [&str; 3] = [
        "Bridge at Norsund closed to all traffic, police say",
        "Bank leaves main rate unchanged at 3.25%",
        "Two hurt as crane topples at the quay",
    ];
    let items = |tag: &str| -> String {
        LINES
            .iter()
            .map(|line| format!("<{tag}><a href=/{}>{line}</a></{tag}>", line.len()))
            .collect()
    };
    let plain = |tag: &str| -> String {
        LINES.iter().map(|line| format!("<{tag} class=item>{line}</{tag}>")).collect()
    };
    for bar in [
        format!("<div class=breaking-news><span>BREAKING</span><ul>{}</ul></div>", items("li")),
        format!(
            "<form id=page><div class=strip><b>Breaking news</b><ul>{}</ul></div></form>",
            items("li")
        ),
        format!("<nav class=ticker><strong>BREAKING</strong><ul>{}</ul></nav>", items("li")),
        format!("<main><p>BREAKING</p><ul>{}</ul></main>", plain("li")),
        format!(
            "<div class=breaking><strong>Breaking</strong><div class=track>{0}</div><div class=track>{0}</div></div>",
            plain("span")
        ),
        format!(
            "<div class=breaking><strong>BREAKING NEWS</strong><p>{}</p></div>",
            LINES.join(" &bull; ")
        ),
        format!(
            "<div class=strip><ul>{}</ul></div>",
            LINES.map(|l| format!("<li>BREAKING: {l}")).concat()
        ),
        format!("<section><h2>Just in</h2>{}</section>", plain("p")),
    ] {
        assert_eq!(ticker(&with_bar(&bar)), LINES, "{bar}");
    }
    let one = "<div class=banner><a href=/b><span class=tag>Breaking</span> <span>Bridge at Norsund closed to all traffic</span></a></div>";
    assert_eq!(ticker(&with_bar(one)), ["Bridge at Norsund closed to all traffic"]);
    for (label, flash) in [
        ("BREAKING", "Mayor Selby resigns"),
        ("EILMELDUNG", "Bürgermeister tritt zurück"),
        ("ÚLTIMA HORA", "Dimite el alcalde"),
        ("СРОЧНО", "Мэр ушёл в отставку"),
        ("عاجل", "استقالة عمدة ألدرن"),
        ("速報", "市長が辞任を表明"),
    ] {
        let bar = format!(
            "<div class=breaking><span>{label}</span><ul><li><a href=/1>{flash}</a></ul></div>"
        );
        assert_eq!(ticker(&with_bar(&bar)), [flash], "{label}");
        let text = export(&format!(
            "Aldern Courier\n\n{label}\n{flash}\n\nBell of the Marisol found\n\nBy Ada Kern\n3 May 2031"
        ));
        assert_eq!(ticker(&parse("a.txt", &text)), [flash], "{label}");
        let text = export(&format!(
            "Aldern Courier\n\n{label}: {flash}\n\nBell of the Marisol found\n\nBy Ada Kern\n3 May 2031"
        ));
        assert_eq!(ticker(&parse("a.txt", &text)), [format!("{label}: {flash}")], "{label}");
    }
    for menu in [
        "<div class=bar><span>BREAKING</span><ul><li><a href=/w>World</a><li><a href=/m>Middle East</a></ul></div>",
        "<nav><a href=/b>Breaking News</a><a href=/s>Sport</a><a href=/f>Top Stories</a></nav>",
        "<div class=breaking><span>BREAKING</span><p>Sign up for our newsletter and hear it first</p></div>",
    ] {
        assert!(ticker(&with_bar(menu)).is_empty(), "{menu}");
    }
}

#[test]
fn text_tickers_with_blank_lines_and_hanging_lines() {
    let head = "Bell of the Marisol found\n\nBy Ada Kern\n3 May 2031";
    for (block, lines) in [
        (
            "BREAKING NEWS\n\n• Bridge at Norsund closed\n\n• Bank leaves rates unchanged\n\n• Two hurt as crane topples",
            3,
        ),
        (
            "BREAKING\nHarbour police: Bridge at Norsund closed after\n  a lorry hit its railing\nHarbour office: No ferries until\n  Monday morning",
            2,
        ),
        (
            "BREAKING\n• Bridge at Norsund closed after\n  a lorry hit its railing\n• No ferries until\n  Monday morning",
            2,
        ),
    ] {
        let parsed = parse("a.txt", &export(&format!("Aldern Courier\n\n{block}\n\n{head}")));
        assert_eq!(ticker(&parsed).len(), lines, "{block} {:?}", ticker(&parsed));
        assert_eq!(article(&parsed).headline.as_deref(), Some("Bell of the Marisol found"));
    }
    // A page that holds nothing else.
    for page in [
        "BREAKING\nHarbour police: Bridge at Norsund closed\nBank leaves rates unchanged, it says\n",
        "Aldern Courier\n\nBREAKING NEWS\n\nBridge at Norsund closed to all traffic, police say\nBank leaves main rate unchanged until spring\n",
    ] {
        let parsed = parse("a.txt", page);
        assert_eq!((ticker(&parsed).len(), parsed.drafts.len()), (2, 2), "{page}");
    }
}

#[test]
fn live_entries_are_ticker_lines() {
    for (lang, title, when) in [
        ("en", "Storm on the coast: live updates", ["3 minutes ago", "41 minutes ago"]),
        ("de", "Sturm an der Küste im Liveticker", ["vor 3 Minuten", "vor 41 Minuten"]),
        ("es", "Temporal en la costa, en directo", ["14:05", "13:40"]),
    ] {
        let entries: String =
            [("Bridge at Norsund closed", when[0]), ("Schools stay closed", when[1])]
                .map(|(line, when)| {
                    format!(
                        "<div class=entry><span>{when}</span><h3>{line}</h3><p>{}</p></div>",
                        EN[0]
                    )
                })
                .concat();
        let page = format!(
            "<html lang={lang}><body><article><h1>{title}</h1><p>{}</p>{entries}</article></body></html>",
            EN[1]
        );
        let parsed = parse("a.html", &page);
        assert_eq!(ticker(&parsed), ["Bridge at Norsund closed", "Schools stay closed"], "{title}");
    }
}

#[test]
fn pages_that_are_no_article_say_what_they_are() {
    let wall = |title: &str, texts: &[&str]| {
        format!(
            "<html><head><title>{title}</title></head><body><div><h1>{title}</h1>{}<button>OK</button></div></body></html>",
            paragraphs(texts)
        )
    };
    for (title, texts, code) in [
        (
            "courier.example mit Werbung",
            &[
                "Besuchen Sie unsere Seiten wie gewohnt mit Werbung und Tracking. Sie können Ihre Zustimmung jederzeit widerrufen.",
                "Wir und unsere Partner speichern Informationen auf Ihrem Gerät, um Anzeigen auf Sie abzustimmen.",
            ][..],
            "consent-wall",
        ),
        (
            "Votre vie privée",
            &[
                "Nous et nos 214 partenaires stockons des informations sur votre appareil pour mesurer la publicité.",
                "Vous pouvez modifier vos choix à tout moment, ou continuer sans accepter et vous abonner.",
            ][..],
            "consent-wall",
        ),
        (
            "Tu privacidad nos importa",
            &[
                "Nosotros y nuestros socios almacenamos información en tu dispositivo con tu consentimiento.",
                "Puedes aceptar todo o configurar cookies en cualquier momento desde el pie de la página.",
            ][..],
            "consent-wall",
        ),
        (
            "Just a moment...",
            &[
                "Verifying you are human. This may take a few seconds.",
                "courier.example needs to review the security of your connection before proceeding.",
            ][..],
            "challenge-page",
        ),
        (
            "courier.example",
            &[
                "Bitte aktivieren Sie JavaScript und bestätigen Sie, dass Sie kein Roboter sind, um fortzufahren.",
            ][..],
            "challenge-page",
        ),
        (
            "Welcome back",
            &[
                "Log in to your account to continue reading the Courier.",
                "Forgot your password? Create a free account in a minute, or call the desk.",
            ][..],
            "login-wall",
        ),
        (
            "Page not found",
            &[
                "The page you requested does not exist or has been removed or renamed in the meantime.",
            ][..],
            "missing-page",
        ),
        (
            "Seite nicht gefunden",
            &[
                "Die gesuchte Seite gibt es hier nicht mehr. Vielleicht hilft Ihnen die Suche weiter.",
            ][..],
            "missing-page",
        ),
        (
            "Página no encontrada",
            &["La página que buscas no existe o ha cambiado de dirección. Vuelve a la portada."][..],
            "missing-page",
        ),
    ] {
        for (name, page) in [
            ("a.html", wall(title, texts)),
            ("a.txt", format!("{title}\n\n{}\n", texts.join("\n\n"))),
        ] {
            let parsed = parse(name, &page);
            assert!(parsed.drafts.is_empty(), "{name} {title}");
            assert!(has_remark(&parsed, code), "{name} {title} {:?}", parsed.remarks);
        }
    }
    let cards: String = (0..5)
        .map(|n| format!("<div class=card><a href=/{n}><h3>Story number {n}</h3></a><p>{}</p><span>{} May 2031</span></div>", EN[n % 4], n + 1))
        .collect();
    let bar = "<div class=breaking><b>BREAKING</b><ul><li><a href=/b>Bridge at Norsund closed to all traffic</a></ul></div>";
    let parsed = parse(
        "a.html",
        &format!(
            "<html><head><title>Harbour - Courier</title></head><body>{bar}<main><h1>Harbour</h1>{cards}</main></body></html>"
        ),
    );
    assert!(has_remark(&parsed, "index-page"), "{:?}", parsed.remarks);
    assert_eq!((ticker(&parsed).len(), parsed.drafts.len()), (1, 1));
}

#[test]
fn what_is_no_text_of_the_article() {
    let fields = "<p class=byline>By Ada Kern</p><p class=date>3 May 2031</p>";
    let (before, after) = (paragraphs(&EN[..2]), paragraphs(&EN[2..]));
    for (inside, why) in [
        (
            "<div hidden><p>Please enter your card number to go on reading this story.</p></div>",
            "hidden",
        ),
        (
            "<div style='display: none'><p>Your comment waits for one of our moderators.</p></div>",
            "style",
        ),
        (
            "<div aria-hidden=true><p>Please enter your card number to go on reading.</p></div>",
            "aria",
        ),
        (
            "<p><img src=a><br><em>The bell lies on the quay on Monday. (Photo: Ina Brandt)</em></p>",
            "em",
        ),
        (
            "<figure><img src=a><p>The bell lies on the quay. Photo: Ina Brandt</p></figure>",
            "figure",
        ),
        ("<figure><img src=a></figure><p class=caption>The bell lies on the quay.</p>", "class"),
        (
            "<table align=right><tr><td><img src=a></td></tr><tr><td>The bell lies on the quay.</td></tr></table>",
            "table",
        ),
        (
            "<aside class=related><h3>Read more</h3><ul><li><a href=/1>Ship went down in 1951</a></ul></aside>",
            "aside",
        ),
        (
            "<div class=newsletter-box><h4>The Morning Tide</h4><p>All you need to know, every weekday. Sign up for free.</p><button>Sign up</button></div>",
            "newsletter",
        ),
        (
            "<dialog open><h2>We value your privacy</h2><p>We and our 200 partners store information on your device with your consent.</p></dialog>",
            "dialog",
        ),
    ] {
        let parsed =
            parse("a.html", &framed("en", "", &format!("{fields}{before}{inside}{after}")));
        let body: Vec<&str> = article(&parsed).body.split("\n\n").collect();
        assert_eq!(body, EN, "{why}");
    }
    for (lang, heading) in [
        ("en", "214 replies"),
        ("de", "39 Kommentare"),
        ("fr", "Vos commentaires"),
        ("es", "Comentarios (12)"),
        ("ru", "Комментарии 7"),
    ] {
        let comments = format!(
            "<div id=d><h3>{heading}</h3><div><p>{}</p><p>{}</p></div></div>",
            DE[0], DE[1]
        );
        let parsed =
            parse("a.html", &framed(lang, "", &format!("{fields}{before}{after}{comments}")));
        assert_eq!(article(&parsed).body.split("\n\n").count(), EN.len(), "{heading}");
    }
    let cards = [("Nora", "3.05.2031 08:14", ES[0]), ("Old Tom", "3.05.2031 09:40", ES[1])]
        .map(|(name, at, text)| format!("<div class=c><b>{name}</b> {at}<p>{text}</p></div>"))
        .concat();
    let parsed =
        parse("a.html", &framed("en", "", &format!("{fields}{before}{after}<div>{cards}</div>")));
    assert_eq!(article(&parsed).body.split("\n\n").count(), EN.len());
    let next = format!(
        "<main><article><h1>Fish market opens after nine years of work</h1><p class=byline>By Mia Lund</p><p>2 May 2031</p>{}</article></main>",
        paragraphs(&DE)
    );
    let parsed = parse(
        "a.html",
        &framed("en", "", &format!("{fields}{before}{after}"))
            .replace("<aside>", &format!("{next}<aside>")),
    );
    assert_eq!(article(&parsed).body.split("\n\n").count(), EN.len());
    assert!(has_remark(&parsed, "second-article"));
}

#[test]
fn articles_where_readers_without_scripts_or_savers_left_them() {
    let inside = format!(
        "<h1>Bell of the Marisol found</h1><p class=byline>By Ada Kern</p><p>3 May 2031</p>{}",
        paragraphs(&EN)
    );
    let escaped = inside.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let ld = serde_json::json!({"@type": "NewsArticle", "headline": "Bell of the Marisol found", "author": {"@type": "Person", "name": "Ada Kern"}, "datePublished": "2031-05-03", "articleBody": EN.join("\n\n")});
    for (page, why) in [
        (format!("<div id=app></div><noscript>{inside}</noscript>"), "noscript"),
        (
            format!(
                "<x-page><template shadowrootmode=open><div>{inside}</div></template></x-page>"
            ),
            "shadow",
        ),
        (
            format!(
                "<x-a><template shadowroot=open><x-b><template shadowrootmode=open>{inside}</template></x-b></template></x-a>"
            ),
            "nested",
        ),
        (format!("<template id=t>{inside}</template>"), "template"),
        (format!("<iframe srcdoc=\"{escaped}\"></iframe>"), "srcdoc"),
        (format!("<script type=application/ld+json>{ld}</script><div id=root></div>"), "ld"),
        (
            format!(
                "<pre>\nBell of the Marisol found\n\nBy Ada Kern\n3 May 2031\n\n{}\n</pre>",
                EN.join("\n\n")
            ),
            "pre",
        ),
    ] {
        let parsed = parse(
            "a.html",
            &format!(
                "<html lang=en><head><title>Bell of the Marisol found - Courier</title></head><body>{page}</body></html>"
            ),
        );
        let article = article(&parsed);
        assert_eq!(article.headline.as_deref(), Some("Bell of the Marisol found"), "{why}");
        assert_eq!(article.byline.as_deref(), Some("Ada Kern"), "{why}");
        assert_eq!(article.published.as_ref().map(|at| at.as_str()), Some("2031-05-03"), "{why}");
        assert_eq!(article.body.split("\n\n").count(), EN.len(), "{why}");
    }
}

#[test]
fn the_address_of_a_saved_page() {
    const ADDRESS: &str = "https://courier.example/2031/05/bell";
    for head in [
        format!(
            "<!--\n Page saved with SingleFile \n url: {ADDRESS} \n saved date: Mon May 5 2031\n-->"
        ),
        format!("<!-- saved from url=(0036){ADDRESS} -->"),
        format!("<!-- Mirrored from {ADDRESS} by HTTrack Website Copier/3.x -->"),
        format!("<link rel=canonical href=https://web.archive.org/web/20310601083000/{ADDRESS}>"),
        format!("<meta name=savepage-url content={ADDRESS}>"),
    ] {
        let page = framed("en", "", &paragraphs(&EN)).replace("<head>", &format!("<head>{head}"));
        assert_eq!(parse("a.html", &page).url.as_deref(), Some(ADDRESS), "{head}");
    }
}

#[test]
fn headlines_among_site_names() {
    let plain = |title: &str, inside: &str| {
        let page = format!(
            "<html lang=en><head><title>{title}</title></head><body><header><a class=logo href=/>Aldern Courier</a></header>{inside}<p>3 May 2031</p>{}<footer>© 2031 Aldern Courier</footer></body></html>",
            paragraphs(&EN)
        );
        article(&parse("a.html", &page)).headline.clone()
    };
    for (title, inside) in [
        ("Aldern Courier | Harbour | Bell of the Marisol found in the bay", ""),
        ("Bell of the Marisol found in the bay (Published 2031) - Aldern Courier", ""),
        (
            "Aldern Courier",
            "<h1>Aldern Courier</h1><div><h2>Bell of the Marisol found in the bay</h2></div>",
        ),
        (
            "Aldern Courier",
            "<h1><a href=/><img src=l alt='Aldern Courier'></a> Aldern Courier</h1><h2>Bell of the Marisol found in the bay</h2>",
        ),
    ] {
        assert_eq!(
            plain(title, inside).as_deref(),
            Some("Bell of the Marisol found in the bay"),
            "{title} {inside}"
        );
    }
}

#[test]
fn texts_with_front_matter_mails_and_wire_copies() {
    let body = EN.join("\n\n");
    for page in [
        format!(
            "---\ntitle: \"Bell of the Marisol found\"\nauthor: Ada Kern\ndate: 2031-05-03\nurl: https://courier.example/bell\n---\n\n# Bell of the Marisol found\n\n{body}\n"
        ),
        format!(
            "---\ntitle: Bell of the Marisol found\nlayout: post\nauthors:\n  - Ada Kern\ndate: 2031-05-03\n---\n{}\n",
            EN.join("\n")
        ),
        format!(
            "Title: Bell of the Marisol found\nAuthor: Ada Kern\nDate: 2031-05-03\nURL: https://courier.example/bell\n\n{body}\n"
        ),
        format!(
            "Titel: Bell of the Marisol found\nAutorin: Ada Kern\nDatum: 3. Mai 2031\n\n{body}\n"
        ),
        format!(
            "From: Courier <news@courier.example>\nSubject: =?utf-8?B?QmVsbCBvZiB0aGUgTWFyaXNvbCBmb3VuZA==?=\nDate: Sat, 3 May 2031 18:12:33 +0000\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nBell of the Marisol found\n\nBy Ada Kern\n\n{body}\n--b\nContent-Type: text/html\n\n<p>{}</p>\n--b--\n",
            DE[0]
        ),
        format!(
            "Bell of the Marisol found\n\n03-May-2031 18:12:33\n\n* Divers heard it before they saw it\n* Museum shows it from spring on\n\nBy Ada Kern\n\nPORT ALDERN, May 3 (Coastline) - {body}\n"
        ),
        format!(
            "Bell of the Marisol found\nThe museum will show it from spring on\nAda Kern\nHarbour correspondent\nSat 3 May 2031 18.12 GMT\n{}\n",
            EN.join("\n")
        ),
        format!(
            "Aldern Courier\n\nBell of the Marisol found\n\nBy harbour reporter Ada Kern\n3 May 2031\n\n{body}\n"
        ),
        format!(
            "Bell of the Marisol found\n\nBy Ada Kern\n3 May 2031\n\n{body}\n\nFish market opens after nine years\n\nBy Mia Lund\n3 May 2031\n\n{}\n",
            DE.join("\n\n")
        ),
    ] {
        let parsed = parse("a.txt", &page);
        let article = article(&parsed);
        assert_eq!(article.headline.as_deref(), Some("Bell of the Marisol found"), "{page}");
        assert_eq!(article.byline.as_deref(), Some("Ada Kern"), "{page}");
        assert!(
            article.published.as_ref().is_some_and(|at| at.as_str().starts_with("2031-05-03")),
            "{page}"
        );
        assert_eq!(article.body.split("\n\n").count(), EN.len(), "{page}\n\n=> {}", article.body);
    }
    let chinese = "渡轮撞上码头 无人受伤\n\n海湾社阿马尔5月3日电（记者林远舟 何佩兰）一艘渡轮星期一凌晨在阿马尔港撞上码头，港务局表示没有人受伤，码头的一段栏杆被撞坏。\n\n据介绍，当时船上有九十名乘客。港务局表示，渡轮的舵在进港时失灵，船长立即关闭了发动机。\n\n潜水员将在星期二检查船体，在此之前，前往各岛的班次改由另一艘渡轮担任。\n";
    assert_eq!(article(&parse("a.txt", chinese)).byline.as_deref(), Some("林远舟 何佩兰"));
}

#[test]
fn consent_banners_and_comments_in_texts_are_no_text() {
    let head = "Bell of the Marisol found\n\nBy Ada Kern\n3 May 2031";
    let banner = "We value your privacy\n\nWe and our 214 partners store and access information on your device, such as unique identifiers in cookies, in order to process personal data.\n\nYou can accept or manage your choices by clicking below, including your right to object where a legitimate interest is used.\n\nAccept all";
    let comments = format!("3 Comments\n\nreggie_88\n\n{}\n\nmooring\n\n{}", ES[0], ES[1]);
    for page in [
        export(&format!("Aldern Courier\n\n{banner}\n\n{head}")),
        format!("{}\n{banner}\n", export(head)),
        format!("{}\n{comments}\n", export(head)),
    ] {
        let parsed = parse("a.txt", &page);
        assert_eq!(
            article(&parsed).headline.as_deref(),
            Some("Bell of the Marisol found"),
            "{page}"
        );
        assert_eq!(article(&parsed).body.split("\n\n").collect::<Vec<_>>(), EN, "{page}");
    }
}

#[test]
fn lines_of_a_ticker_with_blank_lines_between_end_before_the_headline() {
    const LINES: [&str; 3] = [
        "Bridge at Norsund closed to all traffic, police say",
        "Bank leaves main rate unchanged",
        "Two hurt as crane topples at the quay",
    ];
    let head = "Bell of the Marisol found\n\nBy Ada Kern\n3 May 2031";
    for lines in [&LINES[..1], &LINES] {
        let page =
            export(&format!("Aldern Courier\n\nBREAKING\n\n{}\n\n{head}", lines.join("\n\n")));
        let parsed = parse("a.txt", &page);
        assert_eq!(ticker(&parsed), lines);
        assert_eq!(article(&parsed).headline.as_deref(), Some("Bell of the Marisol found"));
    }
    let items: String = LINES.iter().map(|line| format!("<li>{line}</li>")).collect();
    let named = format!("<section aria-label='Breaking news'><ul>{items}</ul></section>");
    assert_eq!(ticker(&with_bar(&named)), LINES);
    let page = format!(
        "<html><head><title>Breaking news</title></head><body><main><h2>BREAKING</h2><ul>{items}</ul></main></body></html>"
    );
    let parsed = parse("a.html", &page);
    assert_eq!((ticker(&parsed), parsed.drafts.len()), (LINES.to_vec(), 3));
}

#[test]
fn scripts_without_spaces_or_with_digits_of_their_own() {
    for (lang, headline, byline, name, day, text) in [
        (
            "th",
            "พบระฆังของเรือมาริซอลในอ่าว",
            "โดย สมชาย ใจดี",
            "สมชาย ใจดี",
            "3 พฤษภาคม 2574",
            "นักประดาน้ำพบระฆังของเรือมาริซอลในอ่าวพอร์ตอัลเดิร์น แปดสิบปีหลังจากเรือจมลงในพายุ พิพิธภัณฑ์ท่าเรือแถลงเมื่อวันจันทร์",
        ),
        (
            "bn",
            "মারিসোল জাহাজের ঘণ্টা উদ্ধার",
            "লেখক: রহিম উদ্দিন",
            "রহিম উদ্দিন",
            "৩ মে ২০৩১",
            "ঝড়ে ডুবে যাওয়ার আশি বছর পর পোর্ট অল্ডার্নের উপসাগরে মারিসোল জাহাজের ঘণ্টা খুঁজে পেয়েছেন ডুবুরিরা, সোমবার জানিয়েছে বন্দর জাদুঘর।",
        ),
        (
            "hi",
            "मारिसोल जहाज की घंटी मिली",
            "लेखक: रमेश वर्मा",
            "रमेश वर्मा",
            "3 मई 2031",
            "गोताखोरों को पोर्ट एल्डर्न की खाड़ी में मारिसोल जहाज की घंटी मिली है, तूफान में डूबने के अस्सी साल बाद, बंदरगाह संग्रहालय ने सोमवार को बताया।",
        ),
    ] {
        let texts = [text.to_owned(), format!("{text} {text}"), format!("{headline} {text}")];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let page = format!(
            "<html lang={lang}><head><title>{headline} - Aldern</title></head><body><article><h1>{headline}</h1><p class=byline>{byline}</p><p class=date>{day}</p>{}</article></body></html>",
            paragraphs(&texts)
        );
        let parsed = parse("a.html", &page);
        let article = article(&parsed);
        assert_eq!(article.headline.as_deref(), Some(headline));
        assert_eq!(article.byline.as_deref(), Some(name));
        assert_eq!(article.published.as_ref().map(|at| at.as_str()), Some("2031-05-03"), "{lang}");
        assert_eq!(article.body.split("\n\n").count(), 3, "{lang}");
    }
}

#[test]
fn elements_in_a_row_are_lines_names_and_days() {
    const LINES: [&str; 2] = ["Court frees the ferry captain", "Storm shuts the coast road"];
    for bar in [
        "<div class=urgent><span class=tag>BREAKING</span><span class=it>Court frees the ferry \
         captain</span><span class=it>Storm shuts the coast road</span></div>",
        "<marquee><b>BREAKING:</b> Court frees the ferry captain ••• Storm shuts the coast road \
         </marquee>",
    ] {
        assert_eq!(ticker(&with_bar(bar)), LINES, "{bar}");
    }
    for (lang, row, texts) in [
        (
            "en",
            "<div class=info><span>Ada Kern</span><span>3 May 2031</span><span>3 min</span></div>",
            &EN[..],
        ),
        ("de", "<div><b>Ada Kern</b><i>3. Mai 2031</i></div>", &DE[..]),
        ("es", "<p><span>Ada Kern</span><span>3 de mayo de 2031</span></p>", &ES[..]),
    ] {
        let parsed = with_fields(lang, row, texts);
        assert_eq!(article(&parsed).byline.as_deref(), Some("Ada Kern"), "{row}");
    }
    // Readers who comment have written none of it.
    let comments = "<section class=comments><h3>2 comments</h3><div><b>By Tom Farrow</b><p>They \
                    should have looked for it long ago, as everybody here knows.</p></div></section>";
    let parsed = with_fields("en", "", &EN);
    assert_eq!(article(&parsed).byline, None);
    let page =
        framed("en", "", &paragraphs(&EN)).replace("</article>", &format!("</article>{comments}"));
    assert_eq!(article(&parse("a.html", &page)).byline, None);
}

#[test]
fn a_heading_of_two_words_and_a_caption_in_small_print() {
    for (lang, headline, caption, texts) in [
        ("de", "Glocke gefunden", "Die Glocke am Kai. Foto: Theo Farr", &DE[..]),
        ("es", "Campana hallada", "La campana en el muelle. Foto: Teo Farra", &ES[..]),
    ] {
        let page = format!(
            "<html lang={lang}><body><h1>{headline}</h1><div><img src=a><br><small>{caption}</small>\
             </div>{}</body></html>",
            paragraphs(texts)
        );
        let parsed = parse("a.html", &page);
        let article = article(&parsed);
        assert_eq!(article.headline.as_deref(), Some(headline));
        assert_eq!(article.images.len(), 1, "{:?}", article.images);
        assert_eq!(article.body.split("\n\n").count(), texts.len(), "{}", article.body);
    }
}

#[test]
fn exports_with_rules_dashes_and_bars() {
    let head = "Bell of the Marisol found\n\nAda Kern | Updated: 5 May 2031 09:15 | Published: 3 May 2031 18:40";
    let lines = "BREAKING NEWS\n=============\n\n- Court frees the ferry captain\n- Storm shuts the coast road";
    let parsed = parse("a.txt", &export(&format!("Aldern Courier\n\n{lines}\n\n{head}")));
    assert_eq!(ticker(&parsed), ["Court frees the ferry captain", "Storm shuts the coast road"]);
    let told = article(&parsed);
    assert_eq!(told.headline.as_deref(), Some("Bell of the Marisol found"));
    assert_eq!(told.byline.as_deref(), Some("Ada Kern"));
    assert!(told.published.as_ref().is_some_and(|at| at.as_str().starts_with("2031-05-03")));
    let matter = "+++\ntitle = \"Bell of the Marisol found\"\nauthor = \"Ada Kern\"\ndate = 2031-05-03T18:40:00Z\n+++";
    let parsed = parse("a.txt", &export(matter));
    let told = article(&parsed);
    assert_eq!(told.headline.as_deref(), Some("Bell of the Marisol found"));
    assert_eq!(told.byline.as_deref(), Some("Ada Kern"));
    let text = "港の博物館は月曜日、八十年前に嵐で沈んだ蒸気船の鐘を湾の底で見つけたと発表した。潜水士が音を追って泥の中を進んだ。";
    let page = format!(
        "アルダーン新聞\n\n沈没船の鐘、湾で発見\n\n2031年5月3日 18時40分\n\n{text}\n\n{text}博物館は春から公開する。\n"
    );
    let parsed = parse("a.txt", &page);
    let told = article(&parsed);
    assert_eq!(told.headline.as_deref(), Some("沈没船の鐘、湾で発見"));
    assert!(told.published.as_ref().is_some_and(|at| at.as_str().starts_with("2031-05-03")));
    assert_eq!(told.body.split("\n\n").count(), 2);
}

#[test]
fn what_closes_a_text_is_none_of_it() {
    for (lang, closing, texts, credit) in [
        ("en", "<p>Follow us on Telegram and X for the latest news.</p>", &EN[..], None),
        ("en", "<p>Read more: How the Marisol sank</p>", &EN[..], None),
        ("de", "<p>Quelle: dpa</p>", &DE[..], Some("dpa")),
        ("de", "<p>dpa/tf</p>", &DE[..], None),
        ("de", "<p>Foto: Theo Farr</p>", &DE[..], None),
        ("de", "<p>Lesen Sie auch: Wie die Marisol sank</p>", &DE[..], None),
        ("es", "<p>Fuente: EFE</p><p>Síguenos en nuestras redes</p>", &ES[..], Some("EFE")),
    ] {
        let page = framed(lang, "", &format!("{}{closing}", paragraphs(texts)));
        let parsed = parse("a.html", &page);
        let told = article(&parsed);
        assert_eq!(told.body.split("\n\n").count(), texts.len(), "{closing}: {}", told.body);
        assert_eq!(told.credit.as_deref(), credit, "{closing}");
    }
    for signed in ["(Ada Kern)", "Ada Kern<br>ada@post.example"] {
        let page = framed("en", "", &format!("{}<p>{signed}</p>", paragraphs(&EN)));
        let parsed = parse("a.html", &page);
        let told = article(&parsed);
        assert_eq!(told.byline.as_deref(), Some("Ada Kern"), "{signed}");
        assert_eq!(told.body.split("\n\n").count(), EN.len(), "{}", told.body);
    }
}

#[test]
fn a_note_on_the_author_is_no_text() {
    let note = "<p>Ada Kern is harbour correspondent of the Aldern Courier.</p>";
    let row = "<p>Filed by Ada Kern on 3 May 2031</p>";
    let parsed = parse("a.html", &framed("en", "", &format!("{row}{}{note}", paragraphs(&EN))));
    let told = article(&parsed);
    assert_eq!(told.byline.as_deref(), Some("Ada Kern"));
    assert_eq!(told.body.split("\n\n").count(), EN.len(), "{}", told.body);
}

#[test]
fn names_in_rows_of_labelled_values_and_beside_newsrooms() {
    for (lang, row, texts, byline) in [
        ("en", "<p>Published: 3 May 2031 Author: Ada Kern</p>", &EN[..], Some("Ada Kern")),
        ("en", "<p>3 May 2031 Edited by: Ada Kern</p>", &EN[..], None),
        ("en", "<p>Newsroom / Ada Kern</p>", &EN[..], Some("Ada Kern")),
        ("en", "<div>3 May 2031</div><div>Ada Kern</div>", &EN[..], Some("Ada Kern")),
        ("de", "<p>Autor: Jan Kern | 3.5.2031 18:40</p>", &DE[..], Some("Jan Kern")),
        ("es", "<p>Redacción | Ada Kern | 3 de mayo de 2031</p>", &ES[..], Some("Ada Kern")),
        ("es", "<p>Periodista: Ada Kern</p>", &ES[..], Some("Ada Kern")),
        ("es", "<p>Por Ada Kern, en Aldern</p>", &ES[..], Some("Ada Kern")),
        ("de", "<p>Aldern | 3. Mai 2031 | 2 Min. | Von Ada Kern</p>", &DE[..], Some("Ada Kern")),
        ("de", "<p>3. Mai 2031 · Von Ada Kern</p>", &DE[..], Some("Ada Kern")),
        ("en", "<nav>News Sport Culture</nav><p>3 May 2031</p>", &EN[..], None),
    ] {
        let parsed = with_fields(lang, row, texts);
        assert_eq!(article(&parsed).byline.as_deref(), byline, "{row}");
    }
    let parsed =
        parse("a.txt", &export("Sino encontrado na baía\nPor Ada Kern, em Aldern\n3/5/2031"));
    assert_eq!(article(&parsed).byline.as_deref(), Some("Ada Kern"));
    // Text browsers number what is linked.
    let head = "[1]Aldern Courier\n\nBell of the Marisol found\n\nBy [2]Ada Kern\n[3]3 May 2031";
    assert_eq!(article(&parse("a.txt", &export(head))).byline.as_deref(), Some("Ada Kern"));
}

#[test]
fn thai_months_are_shortened_to_letters_and_points_divide_hours_behind_a_day() {
    for (lang, row) in
        [("th", "<p>3 พ.ค. 2574 18:40 น.</p>"), ("sv", "<p>Publicerad 3 maj 2031 18.40</p>")]
    {
        let parsed = with_fields(lang, row, &EN);
        let published = article(&parsed).published.as_ref().map(|at| at.as_str().to_owned());
        assert_eq!(published.as_deref(), Some("2031-05-03T18:40:00"), "{row}");
    }
}

#[test]
fn chinese_flashes_are_short() {
    let page = export(
        "港口网\n\n快讯\n西码头起重机倒塌\n轮渡停航至明早\n\n沉船钟声重现海湾\n2031年5月3日 18:40",
    );
    assert_eq!(ticker(&parse("a.txt", &page)), ["西码头起重机倒塌", "轮渡停航至明早"]);
}
