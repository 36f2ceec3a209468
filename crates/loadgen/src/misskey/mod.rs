//! A throwaway Misskey, as far as a streaming server sees one: a PostgreSQL full of people by
//! formula, and a Redis.

mod town;

use anyhow::{Context, Result};
use throwaway::Throwaway;

pub(crate) use town::{REACTIONS, Town};

/// What it calls itself.
pub(crate) const HOST: &str = "misskey.example";

/// The tables, as the tests of the companion have them.
const TABLES: &str = include_str!("../../../companion/tests/it/tables.sql");

/// A Misskey.
pub(crate) struct Misskey {
    servers: Throwaway,
    redis: redis::Connection,
    pub(crate) town: Town,
}

/// What a database was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statements {
    pub(crate) count: u64,
    /// How long they took inside of the database, in ms.
    pub(crate) ms: f64,
}

impl Misskey {
    /// Starts both servers and fills the database.
    pub(crate) fn start(town: Town) -> Result<Self> {
        // It counts statements itself, whoever sends them.
        let servers = Throwaway::start(&["shared_preload_libraries=pg_stat_statements"])?;
        servers.psql("CREATE EXTENSION pg_stat_statements")?;
        servers.psql(TABLES)?;
        servers.psql(&town.sql())?;
        let client = redis::Client::open(servers.redis_address())?;
        let redis = client.get_connection().context("no Redis")?;
        Ok(Self {
            servers,
            redis,
            town,
        })
    }

    /// The addresses of its database and its Redis.
    pub(crate) fn addresses(&self) -> (String, String) {
        let database = self.servers.database_address();
        (database, self.servers.redis_address())
    }

    /// Publishes events on a topic, as Misskey does, one right behind the other.
    pub(crate) fn publish(&mut self, topic: &str, events: &[String]) -> Result<()> {
        let mut packed = Vec::new();
        for event in events {
            let message = format!(r#"{{"channel":"{topic}","message":{event}}}"#);
            let publish = redis::Cmd::publish(HOST, message);
            packed.extend(publish.get_packed_command());
        }
        self.redis.send_packed_command(&packed)?;
        for _ in events {
            self.redis.recv_response()?;
        }
        Ok(())
    }

    /// Forgets what the database was asked so far.
    pub(crate) fn forget_statements(&self) -> Result<()> {
        self.servers.psql("SELECT pg_stat_statements_reset()")?;
        Ok(())
    }

    /// What the database was asked since, by anybody but this.
    pub(crate) fn statements(&self) -> Result<Statements> {
        let told = self.servers.psql(
            "SELECT coalesce(sum(calls), 0)::bigint, coalesce(sum(total_exec_time), 0) \
             FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'",
        )?;
        let told = told.trim_end().split_once('\t');
        let (count, ms) = told.context("the database tells nothing of its statements")?;
        Ok(Statements {
            count: count.parse()?,
            ms: ms.parse()?,
        })
    }
}
