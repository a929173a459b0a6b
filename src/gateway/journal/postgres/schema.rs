//! The tables: made, and brought forward.

use tokio_postgres::Client;

use super::failure::{Cause, Failure};

/// Makes sure that the tables are there in the newest format. Any number of programs may do so at
/// once.
pub(super) async fn bring_forward(client: &mut Client) -> Result<(), Failure> {
    if found(client).await? == Some(NEWEST) {
        return Ok(());
    }
    let transaction = client.transaction().await?;
    // Whoever comes second waits here, and finds the work done.
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    let encoding: String =
        transaction.query_one("SELECT current_setting('server_encoding')", &[]).await?.get(0);
    if encoding != "UTF8" {
        return Err(Failure::NotAsked(Cause::Encoding(encoding)));
    }
    let done = found(transaction.client()).await?.unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(usize::try_from(done).unwrap_or(0)) {
        transaction.batch_execute(migration).await?;
    }
    transaction.execute("UPDATE m26_journal SET format = $1", &[&NEWEST]).await?;
    transaction.commit().await?;
    Ok(())
}

/// The format of the tables, if they are there.
async fn found(client: &Client) -> Result<Option<i32>, Failure> {
    if !client.query_one(IS_THERE, &[]).await?.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let format: i32 = client.query_one("SELECT format FROM m26_journal", &[]).await?.try_get(0)?;
    match format {
        _ if format > NEWEST => Err(Failure::Newer),
        _ if format < 1 => Err(Failure::Wrong("the format of the tables")),
        _ => Ok(Some(format)),
    }
}

/// Not `to_regclass`: in a transaction that waited for another one it believes what it has looked up
/// before, and does not find what that one made.
const IS_THERE: &str = "SELECT count(*) > 0 FROM pg_catalog.pg_class \
    WHERE relname = 'm26_journal' AND pg_catalog.pg_table_is_visible(oid)";

/// What brings the tables from one format to the next; the first one makes them.
const MIGRATIONS: &[&str] = &[include_str!("format_1.sql")];

const NEWEST: i32 = MIGRATIONS.len() as i32;

/// "M26 PAY\0", for whoever meets it in `pg_locks`.
const LOCK: i64 = 0x4D32_3620_5041_5900;
