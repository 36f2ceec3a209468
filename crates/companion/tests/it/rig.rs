//! Throwaway servers, ended with the test.

use seseragi_companion::{DatabaseSettings, RedisSettings};
use throwaway::Throwaway;

/// A PostgreSQL and a Redis.
pub(crate) struct Rig(Throwaway);

impl Rig {
    /// Starts both and creates the tables of `tables`.
    pub(crate) async fn start(tables: &str) -> Self {
        let rig = Self(Throwaway::start(&[]).unwrap());
        rig.sql(tables).await;
        rig
    }

    pub(crate) fn database(&self) -> DatabaseSettings {
        DatabaseSettings::parse(&self.0.database_address()).unwrap()
    }

    pub(crate) fn redis(&self) -> RedisSettings {
        RedisSettings::parse(&self.0.redis_address()).unwrap()
    }

    /// A connection of the test's own to Redis.
    pub(crate) async fn redis_connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.0.redis_address()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    /// Runs SQL on a connection of its own.
    pub(crate) async fn sql(&self, sql: &str) {
        use deadpool_postgres::tokio_postgres::{NoTls, connect};
        let (client, connection) = connect(&self.0.database_address(), NoTls).await.unwrap();
        let driver = tokio::spawn(connection);
        client.batch_execute(sql).await.unwrap();
        drop(client);
        driver.await.unwrap().unwrap();
    }

    /// Ends Redis and starts another in its place.
    pub(crate) fn restart_redis(&mut self) {
        self.0.restart_redis().unwrap();
    }

    /// Stops the database for good.
    pub(crate) fn stop_database(&mut self) {
        self.0.postgres.end().unwrap();
    }
}
