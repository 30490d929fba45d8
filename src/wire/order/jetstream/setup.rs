//! The stream as it must be: making one, and saying what is wrong with one that is there.

use async_nats::{
    ServerInfo,
    jetstream::stream::{
        self, Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType,
    },
};

use super::{
    NatsConfig, OrderError,
    reach::{Reach, Unreached},
};
use crate::item::Epoch;

/// Where a stream bears its identity.
const IDENTITY: &str = "flashwire-wire";
/// The oldest server that is known to give the order right.
const OLDEST: (u32, u32) = (2, 12);
/// A server that takes smaller messages would cut every batch into crumbs.
const PAYLOAD_MIN: usize = 64 << 10;

/// A stream that was made or looked at.
#[derive(Debug)]
pub struct Made {
    /// It was made just now.
    pub new: bool,
    /// What is wrong with it, each a sentence; nothing where it is right.
    pub faults: Vec<String>,
    /// What can be said of it, each a sentence.
    pub facts: Vec<String>,
}

/// The stream's identity: it names the epoch of what it brings.
pub(super) fn identity(info: &Info) -> Option<Epoch> {
    info.config.metadata.get(IDENTITY)?.parse().ok()
}

/// What is said of a stream that flashwire did not make.
pub(super) fn unmade(config: &NatsConfig) -> String {
    format!(
        "the stream `{}` was not made by `flashwire order init`: name another one \
         (wire.nats.stream), and let that command make it",
        config.stream
    )
}

/// What is wrong with a stream or its server, each the rest of a sentence that begins with the
/// stream.
pub(super) fn faults(info: &Info, config: &NatsConfig, server: &ServerInfo) -> Vec<String> {
    let Config {
        subjects,
        retention,
        max_bytes,
        max_messages,
        max_messages_per_subject,
        max_age,
        discard,
        deny_delete,
        deny_purge,
        allow_direct,
        storage,
        persist_mode,
        max_message_size,
        no_ack,
        ..
    } = &info.config;
    let mut faults = Vec::new();
    let mut fault = |wrong: bool, text: String| {
        if wrong {
            faults.push(text);
        }
    };
    let version = version(&server.version);
    fault(
        version.is_none_or(|version| version < OLDEST),
        format!(
            "is served by nats-server {}: flashwire needs {}.{} or newer",
            server.version, OLDEST.0, OLDEST.1
        ),
    );
    fault(
        server.max_payload < PAYLOAD_MIN,
        format!(
            "is served by a server that takes messages of {} bytes only: set max_payload to 1MB \
             in its config",
            server.max_payload
        ),
    );
    fault(
        identity(info).is_none(),
        "was not made by `flashwire order init`: name another one \
         (wire.nats.stream), and let that command make it"
            .into(),
    );
    let mirrors = info.config.mirror.is_some();
    fault(
        !mirrors && *subjects != [config.subject.clone()],
        format!(
            "has the subjects {subjects:?}, not {:?}: wire.nats.subject must be its only one",
            config.subject
        ),
    );
    fault(
        *retention != RetentionPolicy::Limits,
        "lets go of messages that somebody has read (its retention is not `limits`)".into(),
    );
    let trims = *max_messages > 0 || *max_messages_per_subject > 0 || !max_age.is_zero();
    fault(
        trims || (*max_bytes > 0 && *discard != DiscardPolicy::New),
        "forgets its oldest messages (max_msgs, max_msgs_per_subject or max_age is set, or \
         max_bytes with `discard: old`): a node that was away would miss them"
            .into(),
    );
    fault(
        !mirrors && (!deny_delete || !deny_purge),
        "lets messages be deleted or purged: make it with deny_delete and deny_purge".into(),
    );
    fault(!allow_direct, "has no direct access (allow_direct): switch it on".into());
    fault(
        *storage != StorageType::File || *persist_mode == Some(PersistenceMode::Async),
        "is kept in memory, or written without waiting: what it acknowledges must be in a file"
            .into(),
    );
    fault(
        *no_ack || (*max_message_size > 0 && (*max_message_size as usize) < PAYLOAD_MIN),
        "acknowledges nothing, or takes only small messages (no_ack, max_msg_size)".into(),
    );
    fault(
        info.config.num_replicas.is_multiple_of(2),
        format!(
            "has {} replicas: an even number fails with as many servers as the odd one below it",
            info.config.num_replicas
        ),
    );
    faults
}

fn version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Makes the stream where there is none, and says how it is.
///
/// # Errors
/// A sentence for whoever asked.
pub async fn init(
    servers: &str,
    config: &NatsConfig,
    replicas: usize,
    max_bytes: Option<i64>,
) -> Result<Made, OrderError> {
    let reach = reach(servers, config).await?;
    if reach.info().await.is_ok() {
        let mut made = look(&reach).await?;
        if made.facts.is_empty() {
            made.facts.push("it was there already".into());
        }
        return Ok(made);
    }
    let server = reach.server();
    if let Some(old) = version(&server.version).filter(|version| *version < OLDEST) {
        return Err(OrderError(format!(
            "nats-server {}.{} is too old: flashwire needs {}.{} or newer",
            old.0, old.1, OLDEST.0, OLDEST.1
        )));
    }
    if replicas.is_multiple_of(2) {
        return Err(OrderError(format!(
            "{replicas} replicas fail with as many servers as {}: take 1, 3 or 5",
            replicas.saturating_sub(1).max(1)
        )));
    }
    let id = Epoch::from_bits(crate::wire::store::random());
    let stream = Config {
        name: config.stream.clone(),
        description: Some("The order of a flashwire wire: made and read by flashwire only".into()),
        subjects: vec![config.subject.clone()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::New,
        storage: StorageType::File,
        num_replicas: replicas,
        max_bytes: max_bytes.unwrap_or(-1),
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        deny_delete: true,
        deny_purge: true,
        allow_direct: true,
        metadata: [(IDENTITY.to_owned(), id.to_string())].into(),
        ..Config::default()
    };
    let mut context = reach.context.clone();
    context.set_timeout(std::time::Duration::from_secs(10));
    context.create_stream(stream).await.map_err(|error| OrderError(refusal(&error, replicas)))?;
    let mut made = look(&reach).await?;
    made.new = true;
    Ok(made)
}

fn refusal(error: &async_nats::jetstream::context::CreateStreamError, replicas: usize) -> String {
    let said = error.to_string();
    let remedy = if said.contains("peers") || said.contains("replicas") {
        format!(
            "{replicas} replicas need a cluster of as many servers with JetStream; one server \
             alone has --replicas 1"
        )
    } else if said.contains("overlap") {
        "another stream has that subject: choose another one with wire.nats.subject".into()
    } else {
        "is JetStream enabled on the servers, and may these credentials make streams?".into()
    };
    format!("the stream can't be made: {said}; {remedy}")
}

/// Says how the stream is.
///
/// # Errors
/// Where it can't be asked: a sentence for whoever asked.
pub async fn check(servers: &str, config: &NatsConfig) -> Result<Made, OrderError> {
    look(&reach(servers, config).await?).await
}

async fn reach(servers: &str, config: &NatsConfig) -> Result<Reach, OrderError> {
    Reach::open(servers, config, false).await.map_err(|unreached| match unreached {
        Unreached::Never(why) | Unreached::Later(_, why) => OrderError(why),
    })
}

async fn look(reach: &Reach) -> Result<Made, OrderError> {
    let mut info = reach.info().await;
    // A stream that was made just now elects its leader first.
    for _ in 0..20 {
        if info.is_ok() {
            break;
        }
        tokio::time::sleep(super::EVERY).await;
        info = reach.info().await;
    }
    let info = info.map_err(|error| OrderError(error.to_string()))?;
    Ok(Made {
        new: false,
        faults: faults(&info, &reach.config, &reach.server()),
        facts: facts(&info, reach),
    })
}

fn facts(info: &Info, reach: &Reach) -> Vec<String> {
    let stream::State { messages, bytes, first_sequence, last_sequence, .. } = &info.state;
    let mut facts = vec![
        format!(
            "its epoch is {}; {messages} messages, {first_sequence} to {last_sequence}, {bytes} \
             bytes",
            identity(info).map_or_else(|| "unknown".to_owned(), |id| id.to_string())
        ),
        match info.config.max_bytes {
            most if most > 0 => format!(
                "it may hold {most} bytes; once it is full intake waits until it is given more"
            ),
            _ => "it may grow as far as the servers' disks".into(),
        },
    ];
    let replicas = info.config.num_replicas;
    facts.push(if replicas == 1 {
        "one server keeps it: what it acknowledges survives the end of that server's process, and \
         a power cut only with `sync_interval: always` in its config (else up to the newest two \
         minutes are lost)"
            .into()
    } else {
        format!(
            "{replicas} servers keep it: what it acknowledges stands on {} of them and survives \
             the loss of {}; a power cut of all at once only with `sync_interval: always` in \
             their configs (else up to the newest two minutes are lost)",
            replicas / 2 + 1,
            replicas.div_ceil(2) - 1
        )
    });
    if let Some(cluster) = &info.cluster {
        let behind = cluster.replicas.iter().filter(|peer| peer.offline || !peer.current);
        let behind: Vec<&str> = behind.map(|peer| peer.name.as_str()).collect();
        facts.push(match (&cluster.leader, behind.is_empty()) {
            (None, _) => "no server leads it now: intake waits until they have chosen one".into(),
            (Some(leader), true) => format!("{leader} leads it, and all replicas keep up"),
            (Some(leader), false) => {
                format!("{leader} leads it; away or behind: {}", behind.join(", "))
            }
        });
    }
    facts.push(format!(
        "connected to nats-server {} as {}",
        reach.server().version,
        reach.server().server_name
    ));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("2.15.1"), Some((2, 15)));
        assert_eq!(version("2.9.10-beta.1"), Some((2, 9)));
        assert!(version("2.9.10") < Some(OLDEST));
        assert!(version("2.12.0") >= Some(OLDEST));
        assert!(version("3.0.0") >= Some(OLDEST));
        assert_eq!(version("dev"), None);
    }
}
