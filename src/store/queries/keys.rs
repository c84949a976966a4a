//! Keys for web services: found by id, counted by day.

use diesel::prelude::*;

use super::Conn;
use crate::model::ids::CredentialId;
use crate::model::states::KeyRealm;
use crate::store::rows::accounts::{CredentialRow, NewCredential};
use crate::store::rows::projects::KeyTermsRow;
use crate::store::schema::credentials;
use crate::store::schema::projects::{key_calls, key_terms};

/// The key for web services with this id, whatever its state, with the SHA-256 of its secret.
pub fn find_key(conn: &mut Conn, id: CredentialId) -> QueryResult<Option<(CredentialRow, String, KeyTermsRow)>> {
    let found: Option<(CredentialRow, String)> = credentials::table
        .filter(credentials::id.eq(id))
        .filter(credentials::realm.eq(KeyRealm::WebServices))
        .select((CredentialRow::as_select(), credentials::key_hash))
        .get_result(conn)
        .optional()?;
    let Some((credential, hash)) = found else { return Ok(None) };
    Ok(find_key_terms(conn, id)?.map(|terms| (credential, hash, terms)))
}

/// Stores a key for web services with its terms, whose id is filled in.
pub fn insert_key(conn: &mut Conn, credential: &NewCredential, terms: &KeyTermsRow) -> QueryResult<CredentialId> {
    let id: CredentialId =
        diesel::insert_into(credentials::table).values(credential).returning(credentials::id).get_result(conn)?;
    let terms = KeyTermsRow { credential_id: id, ..terms.clone() };
    diesel::insert_into(key_terms::table).values(&terms).execute(conn)?;
    Ok(id)
}

/// The terms of a key.
pub fn find_key_terms(conn: &mut Conn, id: CredentialId) -> QueryResult<Option<KeyTermsRow>> {
    key_terms::table
        .filter(key_terms::credential_id.eq(id))
        .select(KeyTermsRow::as_select())
        .get_result(conn)
        .optional()
}

/// Counts one more call of a key on a day and answers how many there were, this one included; forgets the days before.
pub fn count_key_call(conn: &mut Conn, id: CredentialId, day: i64) -> QueryResult<i64> {
    let n_calls: i64 = diesel::insert_into(key_calls::table)
        .values((key_calls::credential_id.eq(id), key_calls::day.eq(day), key_calls::n_calls.eq(1)))
        .on_conflict((key_calls::credential_id, key_calls::day))
        .do_update()
        .set(key_calls::n_calls.eq(key_calls::n_calls + 1))
        .returning(key_calls::n_calls)
        .get_result(conn)?;
    if n_calls == 1 {
        diesel::delete(key_calls::table.filter(key_calls::credential_id.eq(id)).filter(key_calls::day.lt(day)))
            .execute(conn)?;
    }
    Ok(n_calls)
}
