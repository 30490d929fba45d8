//! The way to the servers: every question and answer passes here, and what went wrong becomes a
//! sentence.

use std::time::Duration;

use async_nats::{
    Client, ConnectOptions, ServerInfo, Subscriber,
    jetstream::{
        self, ErrorCode,
        context::{PublishError, PublishErrorKind},
        message::{PublishMessage, StreamMessage},
        response::Response,
        stream::{self, LastRawMessageErrorKind, Stream},
    },
};

use super::{EVERY, NatsConfig, PATIENCE, message};
use crate::wire::AppendError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);
/// What headers and protocol add to a message, in bytes.
const AROUND: usize = 4 << 10;

/// The servers, and the stream on them.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) client: Client,
    pub(super) context: jetstream::Context,
    stream: Stream<()>,
    pub(super) config: NatsConfig,
    servers: String,
}

/// Why the servers can't be reached.
#[derive(Debug)]
pub(super) enum Unreached {
    /// Not now: it is tried on.
    Later(Box<Reach>, String),
    /// Nothing will change by itself.
    Never(String),
}

/// Why a message was not taken.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Another message has the place.
    Taken,
    /// The server said no; nothing was stored.
    Never(String),
    /// No answer: it may have been stored.
    Silence(String),
}

impl Reach {
    /// Connects; where the servers are away and `later` allows it, it is tried on without end.
    pub(super) async fn open(
        servers: &str,
        config: &NatsConfig,
        later: bool,
    ) -> Result<Self, Unreached> {
        let addresses: Vec<&str> = servers.split(',').collect();
        let options = async || options(config).await.map_err(Unreached::Never);
        let new = async |client| Self::new(client, servers, config).await.map_err(Unreached::Never);
        let why = match options().await?.connect(&addresses[..]).await {
            Ok(client) => return new(client).await,
            Err(error) => format!("the NATS servers at {servers} can't be reached: {error}"),
        };
        if !later {
            return Err(Unreached::Never(format!(
                "{why}; are they running? (wire.order names them, wire.nats how they are reached)"
            )));
        }
        let client = options()
            .await?
            .retry_on_initial_connect()
            .connect(&addresses[..])
            .await
            .map_err(|error| Unreached::Never(format!("{why}: {error}")))?;
        Err(Unreached::Later(Box::new(new(client).await?), why))
    }

    async fn new(client: Client, servers: &str, config: &NatsConfig) -> Result<Self, String> {
        let mut context = jetstream::new(client.clone());
        context.set_timeout(PATIENCE);
        let stream = context.get_stream_no_info(&config.stream).await;
        let stream = stream.map_err(|error| error.to_string())?;
        let (config, servers) = (config.clone(), servers.to_owned());
        Ok(Reach { client, context, stream, config, servers })
    }

    /// The stream as messages name it.
    pub(super) fn what(&self) -> String {
        format!("the stream `{}` at {}", self.config.stream, self.servers)
    }

    /// The server that this node is connected to.
    pub(super) fn server(&self) -> ServerInfo {
        self.client.server_info()
    }

    /// Bytes of a part at most.
    pub(super) fn part_size(&self) -> usize {
        match self.client.max_payload() {
            0 => message::PART_MAX,
            most => message::PART_MAX.min(most.saturating_sub(AROUND)).max(1024),
        }
    }

    /// Other nodes ring here once they have appended.
    pub(super) async fn bell(&self) -> Result<Subscriber, String> {
        let subject = self.bell_subject();
        self.client.subscribe(subject).await.map_err(|error| error.to_string())
    }

    fn bell_subject(&self) -> String {
        format!("{}.bell", self.config.subject)
    }

    /// Tells the other nodes that something was appended. They find out by themselves, too.
    pub(super) async fn ring(&self) {
        let _ = self.client.publish(self.bell_subject(), "".into()).await;
    }

    /// How the stream is.
    pub(super) async fn info(&self) -> Result<stream::Info, AppendError> {
        let silence =
            |why: String| AppendError::Unknown(format!("{} gives no answer: {why}", self.what()));
        let subject = format!("STREAM.INFO.{}", self.config.stream);
        let nothing = serde_json::json!({});
        let asked = self.context.request(subject, &nothing);
        let error = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Response::Ok::<stream::Info>(info))) => return Ok(info),
            Ok(Ok(Response::Err { error })) => error,
            Ok(Err(error)) => return Err(silence(source(&error))),
            Err(_) => return Err(silence("it takes too long".into())),
        };
        Err(AppendError::Full(match error.error_code() {
            ErrorCode::STREAM_NOT_FOUND => {
                format!("{} is not there: make it with `flashwire order init`", self.what())
            }
            ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
                format!(
                    "the NATS servers at {} keep no streams: start them with JetStream (`-js`), \
                     or enable it for this account",
                    self.servers
                )
            }
            // A cluster that is electing says so with an error of its own.
            _ => return Err(silence(error.to_string())),
        }))
    }

    /// A message of the stream. Any server that has the stream may answer; the one that leads it
    /// is asked where that one lags behind.
    pub(super) async fn message(&self, seq: u64) -> Result<StreamMessage, AppendError> {
        let asked = tokio::time::timeout(PATIENCE, self.stream.direct_get(seq)).await;
        if let Ok(Ok(message)) = asked {
            return Ok(message);
        }
        let silence = |why: String| {
            AppendError::Unknown(format!("message {seq} of {} can't be read: {why}", self.what()))
        };
        match tokio::time::timeout(PATIENCE, self.stream.get_raw_message(seq)).await {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(error)) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                Err(AppendError::Full(format!(
                    "message {seq} of {} was deleted: start from a backup of a node that has all \
                     (`flashwire backup` there, --wire FILE here)",
                    self.what()
                )))
            }
            Ok(Err(error)) => Err(silence(source(&error))),
            Err(_) => Err(silence("it takes too long".into())),
        }
    }

    /// Publishes a message and waits for the acknowledgement; gives its number.
    pub(super) async fn publish(&self, message: PublishMessage) -> Result<u64, Refusal> {
        let subject = self.config.subject.clone();
        let sent = async { self.context.send_publish(subject, message).await?.await };
        match tokio::time::timeout(PATIENCE, sent).await {
            Ok(Ok(ack)) => Ok(ack.sequence),
            Ok(Err(error)) => Err(self.refusal(&error)),
            Err(_) => Err(Refusal::Silence(format!("{} gives no answer", self.what()))),
        }
    }

    fn refusal(&self, error: &PublishError) -> Refusal {
        let said = source(error);
        match error.kind() {
            PublishErrorKind::WrongLastSequence => Refusal::Taken,
            // The same, said by a server that has another message under way.
            PublishErrorKind::Other if said.contains("wrong last sequence") => Refusal::Taken,
            PublishErrorKind::Other
                if said.contains("maximum") || said.contains("insufficient") =>
            {
                Refusal::Never(format!(
                    "{} is full ({said}): give it more room (`nats stream edit`, or free the \
                     servers' disks)",
                    self.what()
                ))
            }
            PublishErrorKind::MaxPayloadExceeded => Refusal::Never(format!(
                "the servers take no message of that size ({said}): raise max_payload in their \
                 config"
            )),
            _ => Refusal::Silence(format!("{} gives no answer: {said}", self.what())),
        }
    }
}

/// The innermost reason, which says most.
fn source(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(inner) => source(inner),
        None => error.to_string(),
    }
}

async fn options(config: &NatsConfig) -> Result<ConnectOptions, String> {
    let mut options = ConnectOptions::new()
        .name("flashwire")
        .no_echo()
        .connection_timeout(CONNECT)
        .ping_interval(EVERY)
        .request_timeout(Some(PATIENCE))
        .reconnect_delay_callback(|tries| if tries < 4 { Duration::from_millis(20) } else { EVERY })
        .event_callback(async |event| tracing::debug!(%event, "NATS"));
    let given = |path: &std::path::Path| !path.as_os_str().is_empty();
    if given(&config.credentials) {
        options = options.credentials_file(&config.credentials).await.map_err(|error| {
            format!(
                "the credentials file {} (wire.nats.credentials) can't be used: {error}",
                config.credentials.display()
            )
        })?;
    }
    if given(&config.ca) {
        options = options.add_root_certificates(config.ca.clone()).require_tls(true);
    }
    if given(&config.certificate) {
        options = options.add_client_certificate(config.certificate.clone(), config.key.clone());
    }
    Ok(options)
}
