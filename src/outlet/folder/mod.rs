//! Events as files in a folder, for systems that take files.
//!
//! A file is written beside its name, its place is kept, and only then it gets its name. So after
//! a crash the file that was only written says by its presence that it has not been seen: it gets
//! its name then, and what has its name is not written again, also where it was taken away.

mod newsml;
mod ninjs;
mod text;

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Write as _},
    os::unix::ffi::OsStrExt as _,
    sync::Arc,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use jiff::Timestamp;
use rustix::fs::{AtFlags, Dir, Mode, OFlags};
use serde::{Deserialize, Serialize};

use crate::{
    filter::{Filter, Words},
    follower::{Beginning, Sink, Slice, Trouble},
    item::{Cursor, EventId, Seq},
    wire::{Entry, ReadError, Store},
};

use super::{
    config::{self, FolderRule},
    places::Places,
};

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// IPTC ninjs 3.1 (JSON).
    #[default]
    Ninjs,
    /// IPTC NewsML-G2 (XML).
    Newsml,
    /// Plain text.
    Text,
}

impl Form {
    fn ending(self) -> &'static str {
        match self {
            Form::Ninjs => "json",
            Form::Newsml => "xml",
            Form::Text => "txt",
        }
    }

    fn write(self, piece: &Piece) -> String {
        match self {
            Form::Ninjs => ninjs::write(piece),
            Form::Newsml => newsml::write(piece),
            Form::Text => text::write(piece),
        }
    }
}

/// An event, and the story it belongs to.
struct Piece {
    /// The first version's name: the story's for ever. Of a withdrawal, that of what it takes back.
    story: EventId,
    /// When the first version was told.
    first: Timestamp,
    /// Which version of the story it is.
    version: u32,
    entry: Arc<Entry>,
}

impl Piece {
    async fn of(wire: &dyn Store, entry: Arc<Entry>) -> Result<Self, ReadError> {
        let event = &entry.event;
        let about = event.withdraws.as_ref().map_or(event.id, |withdrawal| withdrawal.id);
        let (mut story, mut first, mut version) = (about, event.time, 1);
        if event.supersedes.is_some() || event.withdraws.is_some() {
            let versions = wire.versions(about).await?;
            if let Some(root) = versions.first() {
                (story, first) = (root.event.id, root.event.time);
            }
            let at = versions.iter().position(|version| version.event.id == about);
            version = at.map_or(1, |at| at as u32 + 1);
        }
        // What takes a version back comes after all of them.
        version += u32::from(event.withdraws.is_some());
        Ok(Piece { story, first, version, entry })
    }

    /// A name that no other story has, anywhere.
    fn uri(&self) -> String {
        format!("tag:flashwire,2026:{}", self.story)
    }
}

/// A folder that is fed.
pub(super) struct Folder {
    name: String,
    rule: FolderRule,
    filter: Filter,
    places: Arc<Places>,
    wire: Arc<dyn Store>,
}

/// The ending of what has not got its name.
const PART: &str = ".part";

/// What is wrong with a rule, if anything is; else which events it wants.
pub(super) fn check(rule: &FolderRule) -> Result<Filter, String> {
    let name = config::name("folder", &rule.name)?;
    if rule.path.as_os_str().is_empty() {
        return Err(format!("{name}: path = \"…\" must name the folder"));
    }
    config::filter(&name, &rule.q, &rule.only)
}

impl Folder {
    /// # Errors
    /// What can't work, and what to write.
    pub(super) fn new(
        rule: FolderRule,
        places: Arc<Places>,
        wire: Arc<dyn Store>,
    ) -> Result<Self, String> {
        let filter = check(&rule)?;
        Ok(Folder { name: config::name("folder", &rule.name)?, rule, filter, places, wire })
    }

    fn trouble(&self, error: &io::Error) -> Trouble {
        let path = self.rule.path.display();
        Trouble::passing(match error.kind() {
            io::ErrorKind::NotFound => {
                format!("the folder {path} is missing; is its disk mounted? It is never made here")
            }
            _ => format!("the folder {path} can't be written: {error}"),
        })
    }

    fn wants(&self, entry: &Entry) -> bool {
        entry.event.withdrawn_by.is_none()
            && self.filter.passes(&entry.event, &Words::of(&entry.event))
    }

    /// The name of an event's file.
    fn file(&self, entry: &Entry) -> String {
        let ending = self.rule.form.ending();
        format!("{:012}-{}.{ending}", entry.seq.0, entry.event.id)
    }

    /// What the names of this outlet's unseen files begin with.
    fn prefix(&self) -> String {
        format!(".{}-", self.rule.name)
    }

    fn part(&self, file: &str) -> String {
        format!("{}{file}{PART}", self.prefix())
    }

    async fn render(&self, entry: &Arc<Entry>) -> Result<String, Trouble> {
        Ok(self.rule.form.write(&Piece::of(&*self.wire, entry.clone()).await?))
    }

    /// Works on the folder as it is now, off the threads that serve others.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&File) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        let path = self.rule.path.clone();
        let done = tokio::task::spawn_blocking(move || {
            let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
            let folder = rustix::fs::open(&path, flags, Mode::empty())?;
            work(&File::from(folder))
        });
        let done = done.await.map_err(|error| Trouble::passing(error.to_string()))?;
        done.map_err(|error| self.trouble(&error))
    }

    /// Gives what a crash or a full disk has left unseen its name, as far as its place goes, and
    /// takes away the rest, which is written again.
    async fn tidy(&self, place: Option<&Cursor>) -> Result<(), Trouble> {
        let prefix = self.prefix();
        let mut left = self.work(move |folder| parts(folder, &prefix)).await?;
        left.sort();
        for part in left {
            let seq = part.strip_prefix(&self.prefix()).and_then(|rest| rest.get(..12));
            let seq = seq.and_then(|seq| seq.parse::<u64>().ok()).map(Seq);
            let due = seq.filter(|seq| place.is_some_and(|place| *seq <= place.seq));
            let entry = match due {
                Some(seq) => {
                    self.wire.read(Seq(seq.0.saturating_sub(1)), 1).await?.into_iter().next()
                }
                None => None,
            };
            // It is made anew: what it says may have been taken back meanwhile.
            let file =
                entry.filter(|entry| self.wants(entry)).map(|entry| (self.file(&entry), entry));
            let name = file.filter(|(file, _)| self.part(file) == part);
            match name {
                Some((file, entry)) => {
                    let text = self.render(&entry).await?;
                    self.work(move |folder| {
                        fill(folder, &part, &text)?;
                        rustix::fs::syncfs(folder)?;
                        Ok(rustix::fs::renameat(folder, part.as_str(), folder, file.as_str())?)
                    })
                    .await?;
                }
                None => {
                    self.work(move |folder| {
                        Ok(rustix::fs::unlinkat(folder, part.as_str(), AtFlags::empty())?)
                    })
                    .await?;
                }
            }
        }
        Ok(())
    }

    async fn write(&self, slice: &Slice) -> Result<Seq, Trouble> {
        let mut files = Vec::new();
        for entry in slice.entries.iter().filter(|entry| self.wants(entry)) {
            let file = self.file(entry);
            files.push((self.part(&file), file, self.render(entry).await?));
        }
        if !slice.holds() {
            return Ok(Seq(slice.entries[0].seq.0.saturating_sub(1)));
        }
        let files = Arc::new(files);
        let written = files.clone();
        self.work(move |folder| {
            for (part, _, text) in &*written {
                fill(folder, part, text)?;
            }
            if !written.is_empty() {
                // Once for all of them: a power cut leaves no empty file under a name.
                rustix::fs::syncfs(folder)?;
            }
            Ok(())
        })
        .await?;
        self.places.set(&self.name, slice.through.clone()).await?;
        self.work(move |folder| {
            for (part, file, _) in &*files {
                rustix::fs::renameat(folder, part.as_str(), folder, file.as_str())?;
            }
            Ok(())
        })
        .await?;
        Ok(slice.through.seq)
    }
}

/// Names of unseen files that begin so.
fn parts(folder: &File, prefix: &str) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = OsString::from(std::ffi::OsStr::from_bytes(entry?.file_name().to_bytes()));
        // This outlet's own names are ASCII.
        if let Ok(name) = name.into_string()
            && name.starts_with(prefix)
            && name.ends_with(PART)
        {
            found.push(name);
        }
    }
    Ok(found)
}

/// Writes a whole file; no link is followed.
fn fill(folder: &File, name: &str, text: &str) -> io::Result<()> {
    let flags =
        OFlags::CREATE | OFlags::TRUNC | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o666);
    File::from(rustix::fs::openat(folder, name, flags, mode)?).write_all(text.as_bytes())
}

impl Sink for Folder {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&mut self) -> BoxFuture<'_, Result<Option<Cursor>, Trouble>> {
        async {
            let place = self.places.get(&self.name).await?;
            self.tidy(place.as_ref()).await?;
            Ok(place)
        }
        .boxed()
    }

    fn begin(&mut self, beginning: Beginning) -> BoxFuture<'_, Result<Seq, Trouble>> {
        self.places.begin(&self.name, self.rule.begin, beginning).boxed()
    }

    fn take<'a>(&'a mut self, slice: &'a Slice) -> BoxFuture<'a, Result<Seq, Trouble>> {
        self.write(slice).boxed()
    }
}
