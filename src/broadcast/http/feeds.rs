//! `/feed.atom`, `/feed.rss`, `/feed.json`, `/events.json`: the newest stories for whoever polls.
//!
//! A feed is made when somebody asks for it after something in it has changed; who has it already
//! costs a look at the head of the wire.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::{
    broadcast::{guard::Asked, params::Start, replay::BadStart},
    outlet::feed::{Channel, Format, Stories, Story},
    wire::ReadError,
};

use super::{Desk, Shared, refuse, subscription};

/// Stories of a feed where nothing says how many, and at most.
const STORIES: usize = 50;
const STORIES_MOST: usize = 200;

/// Bytes of the events that a feed is made of, at most.
const BYTES: usize = 4 << 20;

/// Different feeds kept ready; the one asked for longest ago is let go of.
const FEEDS: usize = 128;

/// One feed as it was last made.
struct Feed {
    stories: Stories,
    made: Option<Made>,
}

#[derive(Clone)]
struct Made {
    body: Bytes,
    etag: HeaderValue,
    changed: Timestamp,
}

type Kept = (Arc<tokio::sync::Mutex<Feed>>, Instant);

/// The feeds that are polled, by address and format.
#[derive(Default)]
pub(in crate::broadcast) struct Feeds(Mutex<HashMap<(Format, String), Kept>>);

impl Feeds {
    fn get(&self, key: (Format, String)) -> Option<Arc<tokio::sync::Mutex<Feed>>> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (feed, asked) = feeds.get_mut(&key)?;
        *asked = Instant::now();
        Some(feed.clone())
    }

    fn keep(&self, key: (Format, String), stories: Stories) -> Arc<tokio::sync::Mutex<Feed>> {
        let mut feeds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if feeds.len() >= FEEDS {
            let oldest = feeds.iter().min_by_key(|(_, (_, asked))| *asked);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                feeds.remove(&key);
            }
        }
        let feed = Arc::new(tokio::sync::Mutex::new(Feed { stories, made: None }));
        feeds.insert(key, (feed.clone(), Instant::now()));
        feed
    }
}

/// Which format a path asks for.
pub(super) fn format(path: &str) -> Option<Format> {
    Some(match path {
        "/feed.atom" => Format::Atom,
        "/feed.rss" => Format::Rss,
        "/feed.json" => Format::Json,
        "/events.json" => Format::Array,
        _ => return None,
    })
}

/// The feed, or the word that it has not changed.
pub(super) async fn feed(State(desk): Shared, request: Request) -> Response {
    let uri = request.uri();
    let Some(format) = format(uri.path()) else { return super::assets::missing(uri) };
    let asked = request.extensions().get::<Asked>();
    let base = asked.map(Asked::base).unwrap_or_default();
    let own = format!("{base}{}", uri.path_and_query().map_or(uri.path(), |it| it.as_str()));
    let feed = match desk.feeds.get((format, own.clone())) {
        Some(feed) => feed,
        None => match wanted(&desk, &request) {
            Ok(stories) => desk.feeds.keep((format, own.clone()), stories),
            Err(refusal) => return *refusal,
        },
    };
    match made(&desk, &feed, format, base, own, request.uri()).await {
        Ok(made) => answer(request.headers(), format, made),
        Err(error) => refuse::start(&BadStart::Read(error)),
    }
}

/// What the parameters ask for.
fn wanted(desk: &Desk, request: &Request) -> Result<Stories, Box<Response>> {
    let subscription =
        subscription(desk, request).map_err(|bad| Box::new(refuse::parameter(&bad)))?;
    let most = match subscription.start {
        Start::Latest => STORIES,
        Start::Last(most) if (1..=STORIES_MOST).contains(&most) => most,
        _ => {
            return Err(Box::new(refuse::refuse(
                StatusCode::BAD_REQUEST,
                "bad_parameter",
                &format!(
                    "a feed holds the newest stories: last may be 1 to {STORIES_MOST}, and cursor \
                     and since are for /v1/events"
                ),
            )));
        }
    };
    Ok(Stories::new(subscription.into_filter(), most))
}

async fn made(
    desk: &Desk,
    feed: &tokio::sync::Mutex<Feed>,
    format: Format,
    base: String,
    own: String,
    uri: &Uri,
) -> Result<Made, ReadError> {
    let mut feed = feed.lock().await;
    let changed = feed.stories.refresh(&*desk.wire).await?;
    if let (Some(made), false) = (&feed.made, changed) {
        return Ok(made.clone());
    }
    let changed = feed.stories.changed().unwrap_or(Timestamp::UNIX_EPOCH);
    let title = match uri.query() {
        Some(query) => format!("flashwire: {query}"),
        None => "flashwire".into(),
    };
    let channel = Channel { base, own, title, changed };
    let mut room = BYTES;
    let fits = |story: &&Story| {
        let fits = story.entry.json.len() <= room;
        room = room.saturating_sub(story.entry.json.len());
        fits
    };
    let fitting = feed.stories.list().iter().take_while(fits).count();
    let body = format.write(&channel, &feed.stories.list()[..fitting]);
    let etag = format!("\"{}\"", &blake3::hash(body.as_bytes()).to_hex()[..32]);
    let etag = HeaderValue::try_from(etag).map_err(|error| ReadError(error.to_string()))?;
    let made = Made { body: body.into(), etag, changed };
    feed.made = Some(made.clone());
    Ok(made)
}

/// An HTTP date.
fn date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// A date says no more than seconds: one is only given for what has not changed for longer.
const SETTLED: SignedDuration = SignedDuration::from_secs(2);

fn answer(asked: &HeaderMap, format: Format, made: Made) -> Response {
    let settled = Timestamp::now().duration_since(made.changed) > SETTLED;
    let changed = settled.then(|| date(made.changed));
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let known = match text(header::IF_NONE_MATCH) {
        Some(tags) => {
            let etag = made.etag.to_str().unwrap_or_default();
            tags.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim().ends_with(etag))
        }
        None => match (text(header::IF_MODIFIED_SINCE), &changed) {
            (Some(since), Some(changed)) => since == changed,
            _ => false,
        },
    };
    let mut answer = match known {
        true => Response::new(Bytes::new().into()),
        false => Response::new(made.body.into()),
    };
    if known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::ETAG, made.etag);
    let cache = HeaderValue::from_static("private, no-cache");
    headers.insert(header::CACHE_CONTROL, cache);
    if let Some(changed) = changed.and_then(|it| HeaderValue::try_from(it).ok()) {
        headers.insert(header::LAST_MODIFIED, changed);
    }
    answer
}
