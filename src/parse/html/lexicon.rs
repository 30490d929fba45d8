//! Phrases that give a line away: "read also", "sign up", "photo:" … in the languages news is
//! written in. Each class is one more thing known of a block, never a verdict.

use std::sync::LazyLock;

use crate::parse::{
    letters::{Letter, lower},
    phrases::Phrases,
};

/// What a phrase hints at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phrase {
    /// Points at another page of the site.
    Related,
    /// Asks to subscribe, register, follow, write or donate.
    Subscribe,
    /// Names who took the picture.
    Credit,
    /// Names who wrote the text.
    Byline,
    /// Says when.
    Dated,
    /// Asks to share, print, comment.
    Action,
    /// Advertising or commerce.
    Ad,
    /// Rights, terms, cookies.
    Legal,
    /// Introduces a source or a note of the editors.
    Note,
}

/// How many classes there are.
pub(super) const PHRASES: usize = 9;

const LIST: &[(Phrase, &str)] = &[
    (
        Phrase::Related,
        "read more|read also|also read|see also|related|read next|more on|more from|more:|more stories|most read|most popular|trending|recommended|you may also|you might also|don't miss|editor's pick|up next|watch:|listen:|click here|full story|continue reading|keep reading|read the full|what to read|latest news|top stories|in case you missed|mehr zum thema|lesen sie auch|lesen sie mehr|auch interessant|mehr lesen|weiterlesen|das könnte sie|meistgelesen|lies auch|zum thema|mehr dazu|lire aussi|à lire|voir aussi|lire la suite|sur le même sujet|en savoir plus|plus d'infos|à découvrir|lea también|leer más|le puede interesar|te puede interesar|noticias relacionadas|ver más|más información|lee también|le recomendamos|más noticias|mira también|leggi anche|leggi di più|potrebbe interessarti|articoli correlati|per approfondire|vedi anche|leia também|leia mais|veja também|saiba mais|notícias relacionadas|lees ook|lees meer|meer over|läs också|läs mer|les også|læs også|lue myös|czytaj też|czytaj także|zobacz też|przeczytaj także|čtěte také|olvassa el|citește și|прочетете още|читайте также|читайте ещё|читать далее|по теме|читайте також|διαβάστε επίσης|ilgili haberler|devamını oku|baca juga|baca selengkapnya|artikel terkait|اقرأ أيضا|اقرأ أيضًا|اقرأ المزيد|شاهد أيضا|المزيد|مواضيع ذات صلة|بیشتر بخوانید|यह भी पढ़ें|ये भी पढ़ें|あわせて読みたい|関連記事|続きを読む|相关阅读|相关新闻|延伸阅读|延伸閱讀|相關新聞|관련기사|xem thêm",
    ),
    (
        Phrase::Subscribe,
        "sign up|subscribe|newsletter|log in|sign in|register|membership|become a member|follow us|follow me|follow @|on twitter|on facebook|email us|e-mail|contact us|contact the|support our|donate|join our|get our|get the|download the app|your inbox|have a tip|abonnieren|abonnement|anmelden|registrieren|folgen sie|abonnez|inscrivez|s'abonner|suivez|suscr|síguenos|síganos|regístrate|iscriviti|abbonati|seguici|assine|inscreva|siga|abonneer|schrijf je in|volg ons|prenumerera|подпис|підпис|abone ol|takip edin|berlangganan|ikuti|اشترك|تابعونا|تابعنا|订阅|登録|購読|会員限定|有料会員|關注|关注|구독|for subscribers|subscribers only|subscriber-only|already a subscriber|to continue reading|il vous reste|aux abonnés|déjà abonné|déjà abonnée|für abonnenten|bereits abonnent|para suscriptores|para assinantes|agli abbonati|già abbonato|voor abonnees|for abonnenter|för prenumeranter|dla prenumeratorów|для подписчиков|aboneler",
    ),
    (
        Phrase::Credit,
        "photo:|photo by|photograph:|photos:|image:|image credit|picture:|credit:|getty|reuters/|ap photo|afp/|shutterstock|istock|courtesy|illustration:|file photo|via ap|foto:|fotos:|bild:|crédit|crédits|fotografía|imagen:|immagine|fotograma|zdjęcie|фото|(photo|(foto|(ap|(reuters|(afp|(dpa|ansa|unsplash|pixabay|screenshot|handout|dpa|epa|imago|写真|图片|圖片|图源|사진|صورة|الصورة",
    ),
    (
        Phrase::Byline,
        "by |written by|reported by|reporting by|editing by|story by|words by|posted by|author|contributed to this|staff writer|correspondent|von |verfasst|redaktion|par |rédaction|por |redacción|di |redazione|escrito por|door |redactie|автор|oleh|penulis|reporter|editor|بقلم|كتب|کد خبر|記者|记者|编辑|編輯|责任编辑|기자|文／|文/",
    ),
    (
        Phrase::Dated,
        "published|updated|posted|last modified|last updated|min read|minute read|mins read|minutes read|hours ago|days ago|ago|stand:|aktualisiert|veröffentlicht|uhr|publié|mis à jour|publicado|actualizado|pubblicato|aggiornato|atualizado|gepubliceerd|bijgewerkt|опубликован|обновлен|yayın|güncelleme|diterbitkan|diperbarui|نشر|تحديث|更新|发布|發布|公開|입력|수정|am est|pm est|a.m.|p.m.| est | gmt| et)|january|february|march|april|june|july|august|september|october|november|december|jan.|feb.|aug.|sept.|oct.|nov.|dec.|januar|februar|märz|mai|juni|juli|oktober|dezember|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre|年",
    ),
    (
        Phrase::Action,
        "share|tweet|whatsapp|facebook|print|copy link|comment|comments|save|bookmark|like this|loading|skip to|back to|view gallery|open image|play video|watch live|advertisement|teilen|drucken|kommentare|kommentieren|merken|partager|imprimer|commentaires|compartir|imprimir|comentarios|comentar|condividi|stampa|commenti|compartilhar|comentários|delen|reacties|dela|kommentera|поделиться|комментар|paylaş|yorum|bagikan|komentar|شارك|تعليق|مشاركة|分享|评论|留言|共有|コメント|공유|댓글",
    ),
    (
        Phrase::Ad,
        "advertisement|advertising|sponsored|promoted|paid content|affiliate|commission|ad:|anzeige|werbung|gesponsert|publicité|sponsorisé|publicidad|patrocinado|pubblicità|publicidade|advertentie|реклама|reklam|iklan|إعلان|广告|廣告|広告|pr:|광고|buy now|shop now|shop |price|deal",
    ),
    (
        Phrase::Legal,
        "©|(c) 20|copyright|all rights reserved|rights reserved|terms of|privacy|cookie|cookies|disclaimer|may not be|reproduction|alle rechte|datenschutz|tous droits|droits réservés|todos los derechos|derechos reservados|tutti i diritti|riproduzione riservata|todos os direitos|alle rechten|все права|перепечатка|her hakkı|hak cipta|جميع الحقوق|حقوق|版权|版權|转载|無断転載|저작권",
    ),
    (
        Phrase::Note,
        "source:|sources:|source -|quelle:|quellen:|fuente:|fonte:|fonti:|bron:|источник|kaynak|sumber|المصدر|مصدر|来源|來源|出典|출처|editor's note|correction:|this article was|this story was|this story has|this article originally|originally published|a version of this|disclosure|about the author|the author|note:|anmerkung|nota:|note de|update:|(with|mit material|avec afp|con información|com informações|references|footnotes",
    ),
];

static FINDER: LazyLock<Phrases> = LazyLock::new(|| {
    let all = LIST.iter().flat_map(|&(class, list)| list.split('|').map(move |p| (p, class as u8)));
    Phrases::new(all)
});

/// How many bytes of a line's beginning are looked at.
const REACH: usize = 160;

/// For each class: 2 if the line begins with one of its phrases, 1 if one stands further on (in
/// its first 160 bytes), else 0. Words only match whole, except in scripts without spaces.
pub(super) fn phrases(text: &str) -> [u8; PHRASES] {
    let mut found = [0u8; PHRASES];
    let mut end = text.len().min(REACH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let lower = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => lowered(text),
    };
    let start =
        lower.find(|c: char| Letter::of(c).is_alphanumeric() || matches!(c, '©' | '(' | '$' | '@'));
    let joins = |a: Option<char>, b: Option<char>| {
        matches!((a, b), (Some(a), Some(b)) if a.is_alphanumeric() && b.is_alphanumeric()
            && (a as u32) < 0x2e80)
    };
    // What names a price in dollars sells something.
    if let Some(at) = lower.find('$') {
        found[Phrase::Ad as usize] = if Some(at) == start { 2 } else { 1 };
    }
    FINDER.each(&lower, |at, length, class| {
        let before = lower[..at].chars().next_back();
        let inside = &lower[at..at + length];
        let after = lower[at + length..].chars().next();
        if joins(before, inside.chars().next()) || joins(inside.chars().next_back(), after) {
            return;
        }
        let level = if Some(at) == start { 2 } else { 1 };
        let found = &mut found[usize::from(class)];
        *found = level.max(*found);
    });
    found
}

/// Lower case, with one kind of apostrophe.
fn lowered(text: &str) -> String {
    if text.contains('Σ') {
        // Its small letter is another at the end of a word.
        return text.replace('’', "'").to_lowercase();
    }
    let mut all = String::with_capacity(text.len());
    text.chars().for_each(|c| lower(if c == '’' { '\'' } else { c }, |c| all.push(c)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_match_whole_words() {
        let level = |text: &str, class: Phrase| phrases(text)[class as usize];
        assert_eq!(level("“Read also: the ferry", Phrase::Related), 2);
        assert_eq!(level("The ferry. Read Also: the tug", Phrase::Related), 1);
        assert_eq!(level("Bread also rises", Phrase::Related), 0);
        assert_eq!(level("Read alsos", Phrase::Related), 0);
        assert_eq!(level("Venn ©", Phrase::Legal), 1);
        assert_eq!(level("$12 a crate", Phrase::Ad), 2);
        assert_eq!(level("A crate is $12", Phrase::Ad), 1);
        assert_eq!(level("今年の船", Phrase::Dated), 1);
        assert_eq!(level("Don’t miss", Phrase::Related), 2);
        assert_eq!(phrases(""), [0; PHRASES]);
    }
}
