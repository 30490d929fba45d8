//! Events posted to a receiver on the web: in order, at least once, each under its own id so that
//! the receiver can drop what comes twice.

mod client;
mod sign;
mod template;

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use hyper::{
    HeaderMap,
    header::{HeaderName, HeaderValue},
};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    filter::{Filter, Words},
    follower::{Beginning, Sink, Slice, Trouble},
    item::{Cursor, Seq},
    wire::{Entry, Store},
};

use super::{
    config::{self, Hours, Template, WebhookRule},
    places::Places,
};
use client::Client;
use sign::Secret;

/// Entries read at once for a digest, and events it holds at most.
const READ: usize = 500;
const DIGEST: usize = 500;

/// The longest time that a receiver may ask to be left alone.
const LEAVE_ALONE: Duration = Duration::from_secs(600);

/// A receiver.
pub(super) struct Webhook {
    name: String,
    rule: WebhookRule,
    filter: Filter,
    secret: Option<Secret>,
    quiet: Option<Hours>,
    client: Client,
    places: Arc<Places>,
    /// When the messages of the budget's time went out.
    sent: VecDeque<Instant>,
    /// The budget was spent: what waits goes out as one.
    spent: bool,
    /// The entry in the way is passed over.
    skip: bool,
}

/// What a rule says, understood.
pub(super) struct Parts {
    name: String,
    filter: Filter,
    secret: Option<Secret>,
    quiet: Option<Hours>,
    client: Client,
}

impl Parts {
    /// # Errors
    /// What can't work, and what to write.
    pub(super) fn read(rule: &WebhookRule) -> Result<Self, String> {
        let name = config::name("webhook", &rule.name)?;
        let filter = config::filter(&name, &rule.q, &rule.only)?;
        let secret = match rule.secret.as_str() {
            "" => None,
            text => Some(Secret::read(text).ok_or_else(|| {
                format!("{name}: secret must be whsec_ and Base 64 of 24 to 64 bytes")
            })?),
        };
        if matches!(rule.template, Template::Telegram | Template::Ntfy) && rule.to.is_empty() {
            return Err(format!("{name}: to = \"…\" must name the chat or the topic"));
        }
        let mut headers = HeaderMap::new();
        for (header, value) in &rule.headers {
            let bad = || format!("{name}: `{header}` and its value are no header");
            let key = HeaderName::try_from(header.as_str()).map_err(|_| bad())?;
            headers.insert(key, HeaderValue::try_from(value.as_str()).map_err(|_| bad())?);
        }
        let client = Client::new(&rule.url, rule.private, rule.timeout, headers);
        let client = client.map_err(|error| format!("{name}: {error}"))?;
        let quiet = rule.quiet.as_ref().map(|quiet| Hours::read(&name, quiet)).transpose()?;
        Ok(Parts { name, filter, secret, quiet, client })
    }
}

impl Webhook {
    /// # Errors
    /// What can't work, and what to write.
    pub(super) fn new(rule: WebhookRule, places: Arc<Places>) -> Result<Self, String> {
        let Parts { name, filter, secret, quiet, client } = Parts::read(&rule)?;
        let (sent, spent, skip) = (VecDeque::new(), false, false);
        Ok(Webhook { name, rule, filter, secret, quiet, client, places, sent, spent, skip })
    }

    fn wants(&self, entry: &Entry) -> bool {
        // What was withdrawn says nothing any more; that it was, follows.
        entry.event.withdrawn_by.is_none()
            && self.filter.passes(&entry.event, &Words::of(&entry.event))
    }

    fn is_quiet(&self, at: Timestamp) -> bool {
        self.quiet.as_ref().is_some_and(|hours| hours.end(at).is_some())
    }

    /// Waits while nothing may go out; gives whether it waited.
    async fn wait(&mut self) -> bool {
        let end = self.quiet.as_ref().and_then(|hours| hours.end(Timestamp::now()));
        if let Some(end) = end {
            let left = end.duration_since(Timestamp::now());
            // Looked at again from time to time: clocks are set, machines sleep.
            let left = Duration::try_from(left).unwrap_or_default();
            tokio::time::sleep(left.min(Duration::from_secs(60))).await;
            return true;
        }
        let time = self.rule.budget_time;
        while self.sent.front().is_some_and(|sent| sent.elapsed() >= time) {
            self.sent.pop_front();
        }
        match self.sent.front() {
            Some(first) if self.rule.budget > 0 && self.sent.len() >= self.rule.budget as usize => {
                self.spent = true;
                tokio::time::sleep_until(*first + time).await;
                true
            }
            _ => false,
        }
    }

    async fn deliver(&mut self, slice: &Slice) -> Result<Seq, Trouble> {
        let first = slice.entries.first().map_or(slice.through.seq, |entry| entry.seq);
        let mut at = Seq(first.0.saturating_sub(1));
        let mut kept = at;
        for entry in &slice.entries {
            if !slice.holds() {
                break;
            }
            if self.wants(entry) && !std::mem::take(&mut self.skip) {
                if self.wait().await {
                    // What was read before the wait may say what no longer holds.
                    break;
                }
                let held_back = self.spent || self.is_quiet(entry.event.time);
                let sent = match held_back {
                    true => self.digest(slice.wire(), at).await,
                    false => self.send(entry).await.map(|()| entry.seq),
                };
                match sent {
                    Ok(through) => at = through,
                    // What went out before it is done.
                    Err(_) if at >= first => break,
                    Err(trouble) => return Err(trouble),
                }
                self.places.set(&self.name, slice.at(at)).await?;
                kept = at;
                if held_back {
                    return Ok(at);
                }
            } else {
                at = entry.seq;
            }
        }
        if at > kept {
            self.places.set(&self.name, slice.at(at)).await?;
        }
        Ok(at)
    }

    async fn send(&mut self, entry: &Entry) -> Result<(), Trouble> {
        let body = template::event(self.rule.template, entry, &self.rule.to);
        self.post(&entry.event.id.to_string(), body).await
    }

    /// Sends what was held back behind `after` as one message; gives how far it goes. While the
    /// budget was spent that is everything, else what was told in quiet hours.
    async fn digest(&mut self, wire: &dyn Store, after: Seq) -> Result<Seq, Trouble> {
        let (mut through, mut held) = (after, Vec::<Arc<Entry>>::new());
        'wire: loop {
            let entries = wire.read(through, READ).await?;
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                if self.wants(&entry) {
                    if held.len() == DIGEST || !self.spent && !self.is_quiet(entry.event.time) {
                        break 'wire;
                    }
                    held.push(entry.clone());
                }
                through = entry.seq;
            }
        }
        // The newest wording of each story stands for those before it.
        let older: HashSet<_> =
            held.iter().filter_map(|entry| Some(entry.event.supersedes?.id)).collect();
        held.retain(|entry| !older.contains(&entry.event.id));
        match &held[..] {
            [] => {}
            [only] => self.send(only).await?,
            [first, .., last] => {
                let id = format!("digest-{}-{}", first.event.id, last.event.id);
                let body = template::digest(self.rule.template, &held, &self.rule.to);
                self.post(&id, body).await?;
            }
        }
        self.spent = false;
        Ok(through)
    }

    async fn post(&mut self, id: &str, body: String) -> Result<(), Trouble> {
        let now = Timestamp::now().as_second();
        let mut headers = HeaderMap::new();
        let mut say = |name: &'static str, value: String| {
            // Ids, numbers and Base 64 are header text.
            headers.extend(
                HeaderValue::try_from(value).ok().map(|it| (HeaderName::from_static(name), it)),
            );
        };
        say("webhook-id", id.to_owned());
        say("webhook-timestamp", now.to_string());
        if let Some(secret) = &self.secret {
            say("webhook-signature", secret.sign(id, now, &body));
        }
        let answer = self.client.post(body.into(), &headers).await.map_err(Trouble::passing)?;
        let (receiver, status) = (self.client.receiver(), answer.status);
        if status.is_success() {
            if self.rule.budget > 0 {
                self.sent.push_back(Instant::now());
            }
            return Ok(());
        }
        let wait = answer.retry_after.unwrap_or_default().min(LEAVE_ALONE);
        let trouble = match status.as_u16() {
            410 => Trouble::for_good(format!("{receiver} says that it is gone for good (410)")),
            300..400 => Trouble::passing(format!(
                "{receiver} answers {status} and leads elsewhere, which is not followed; name the \
                 right url"
            )),
            _ => Trouble::passing(format!("{receiver} answers {status}")),
        };
        Err(Trouble { wait, ..trouble })
    }
}

impl Sink for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&mut self) -> BoxFuture<'_, Result<Option<Cursor>, Trouble>> {
        self.places.get(&self.name).boxed()
    }

    fn begin(&mut self, beginning: Beginning) -> BoxFuture<'_, Result<Seq, Trouble>> {
        self.places.begin(&self.name, self.rule.begin, beginning).boxed()
    }

    fn take<'a>(&'a mut self, slice: &'a Slice) -> BoxFuture<'a, Result<Seq, Trouble>> {
        self.deliver(slice).boxed()
    }

    fn patience(&self) -> Option<Duration> {
        Some(self.rule.give_up)
    }

    fn skip(&mut self) -> bool {
        self.skip = true;
        true
    }
}
