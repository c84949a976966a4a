//! Keeps prepared statements that Diesel would prepare anew on every call: all updates, all SQL given as text.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Untyped;
use diesel::{QueryResult, RunQueryDsl};

/// A statement whose prepared form is kept, by its text. Parsing one costs SQLite several times what running it does, and PostgreSQL a round trip.
///
/// Only for statements of few texts: one whose text depends on its values (a list of ids, an optional column) would fill the cache.
///
/// Made by [`cached!`], which gives each place in the code a key of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cached<Place, Q> {
    query: Q,
    place: PhantomData<fn() -> Place>,
}

impl<Place, Q> Cached<Place, Q> {
    pub(super) fn at(query: Q) -> Self {
        Self { query, place: PhantomData }
    }

    /// Runs a statement that answers no rows. Diesel's own `execute` hands the statement on as a reference, which would be prepared anew.
    ///
    /// # Errors
    /// What the database refuses.
    pub(super) fn run<C>(self, conn: &mut C) -> QueryResult<()>
    where
        C: LoadConnection,
        Place: 'static,
        Q: QueryFragment<C::Backend>,
    {
        conn.load(Rowless(self))?.try_for_each(|row| row.map(drop))
    }
}

/// A statement that answers no rows, as one that answers rows of no type.
struct Rowless<Place, Q>(Cached<Place, Q>);

impl<Place, Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Rowless<Place, Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Place: 'static, Q> QueryId for Rowless<Place, Q> {
    type QueryId = Cached<Place, ()>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Place, Q> Query for Rowless<Place, Q> {
    type SqlType = Untyped;
}

/// Keeps the prepared form of the statement written here.
macro_rules! cached {
    ($query:expr) => {{
        struct Here;
        $crate::store::cached::Cached::<Here, _>::at($query)
    }};
}
pub(super) use cached;

impl<Place, Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Cached<Place, Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.query.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// The place is the key, so the text need not be written out to find the prepared form.
impl<Place: 'static, Q> QueryId for Cached<Place, Q> {
    type QueryId = Cached<Place, ()>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Place, Q: Query> Query for Cached<Place, Q> {
    type SqlType = Q::SqlType;
}

impl<Place, Q, C> RunQueryDsl<C> for Cached<Place, Q> {}

/// A statement that is always the same; its prepared form is kept.
#[cfg(feature = "sqlite")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed(pub &'static str);

#[cfg(feature = "sqlite")]
impl<DB: Backend> QueryFragment<DB> for Fixed {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(self.0);
        Ok(())
    }
}

#[cfg(feature = "sqlite")]
impl QueryId for Fixed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

#[cfg(feature = "sqlite")]
impl<C> RunQueryDsl<C> for Fixed {}
