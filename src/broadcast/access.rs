//! What the caller knows and this stage asks for: who may read, and how the daemon is.

use serde::Serialize;

/// Who may subscribe. The caller keeps the tokens, hashed.
pub trait Access: Send + Sync + 'static {
    /// The name the token was given to, or `None` for a token that is not (or no longer) good.
    fn check(&self, token: &str) -> Option<String>;
}

/// One thing that must be so for the daemon to be ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Short name, such as `watch`.
    pub name: String,
    /// Whether it is so.
    pub ok: bool,
    /// The sentence for people.
    pub detail: String,
}

/// How the daemon is.
pub trait Health: Send + Sync + 'static {
    /// Its loops make progress.
    fn alive(&self) -> bool;

    /// All that must be so before it is called ready; it is ready when all are.
    fn checks(&self) -> Vec<Check>;

    /// Figures for `/v1/stats`, one JSON object.
    fn figures(&self) -> serde_json::Map<String, serde_json::Value>;
}
