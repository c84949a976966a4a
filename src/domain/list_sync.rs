//! Lists filled from a MySQL table on a schedule.
