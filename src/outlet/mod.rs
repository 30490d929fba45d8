//! What leaves the wire for those who don't subscribe: feeds for whoever asks, webhooks and files
//! for whoever can't.
//!
//! Webhooks and folders are [followers](crate::follower): each has its own stored place and waits
//! alone when something is in its way.

mod config;
pub mod feed;
mod folder;
mod places;
mod receipts;
pub mod ticker;
mod webhook;
pub mod words;
mod xml;

use std::sync::Arc;

use crate::{
    follower::Sink,
    wire::{SqliteStore, Store},
};

pub use config::{Begin, Config, FolderRule, Quiet, Template, WebhookRule};
pub use folder::Form;
use places::Places;
pub use receipts::{Receipts, Sitting};

/// The followers that the config asks for, with their places beside the wire.
///
/// # Errors
/// The first rule that can't work: which, why, and what to write.
pub fn sinks(config: &Config, wire: &Arc<SqliteStore>) -> Result<Vec<Box<dyn Sink>>, String> {
    let places = Places::beside(wire.path());
    let mut sinks: Vec<Box<dyn Sink>> = Vec::new();
    for rule in &config.webhook {
        sinks.push(Box::new(webhook::Webhook::new(rule.clone(), places.clone())?));
    }
    for rule in &config.folder {
        let store: Arc<dyn Store> = wire.clone();
        sinks.push(Box::new(folder::Folder::new(rule.clone(), places.clone(), store)?));
    }
    Ok(sinks)
}
