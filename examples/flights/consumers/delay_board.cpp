// delay_board: shows the next departures and records delays, announcements and new times; reads and
// writes all columns.
//
// It writes in the ways that applications do: a change of one column, an INSERT with RETURNING, an
// upsert, and the save of a whole row as an object mapper makes it (every column, most of them
// unchanged).  Delays are added to what is there and not overwritten, so that with any number of
// writers of the same flight, through whatever version, the sum over all ledgers must come out
// exactly.  Schedules are set by this program alone.

#include <cstdlib>
#include <exception>
#include <fmt/format.h>
#include <utility>

#include "consumer.hpp"

namespace {

using flights::entry;
using flights::operation;
using flights::run;
using flights::session;

// One deployment's SQL.  Parameters and results are the same for both shapes; load and save have
// the columns of the table in its order.
struct statements {
  const char* board;
  const char* add_delay;
  const char* announce;
  const char* merge;
  const char* reschedule;
  const char* load;
  const char* save;
  std::size_t delay_column;  // among those of load; its new value comes after the last of them
};

constexpr statements shape_1{
    .board =
        "SELECT flight_id, carrier, flight, dest, year, month, day, sched_dep_time, dep_delay "
        "FROM flights WHERE flight_id BETWEEN $1 AND $1 + 19 ORDER BY flight_id",
    .add_delay =
        "UPDATE flights SET dep_delay = coalesce(dep_delay, 0) + $2::integer "
        "WHERE flight_id = $1 RETURNING dep_delay",
    .announce =
        "INSERT INTO flights (year, month, day, sched_dep_time, dep_delay, sched_arr_time, "
        "carrier, flight, origin, dest, distance) "
        "SELECT extract(year FROM t), extract(month FROM t), extract(day FROM t), "
        "to_char(t, 'HH24MI')::integer, $2::integer, 2100, $3, 9000, 'JFK', 'SFO', 2586 "
        "FROM (SELECT $1::timestamp) AS given (t) RETURNING flight_id",
    .merge =
        "INSERT INTO flights (flight_id, year, month, day, sched_dep_time, dep_delay, "
        "sched_arr_time, carrier, flight, origin, dest, distance) "
        "VALUES ($1, 2013, 7, 1, 1200, $2, 1500, 'UA', 9001, 'EWR', 'SFO', 2565) "
        "ON CONFLICT (flight_id) DO UPDATE "
        "SET dep_delay = coalesce(flights.dep_delay, 0) + excluded.dep_delay "
        "RETURNING dep_delay",
    .reschedule =
        "UPDATE flights SET sched_dep_time = $2::integer * 100 + $3::integer "
        "WHERE flight_id = $1 "
        "RETURNING format('%s-%s-%s %s:%s', year, lpad(month::text, 2, '0'), "
        "lpad(day::text, 2, '0'), lpad((sched_dep_time / 100)::text, 2, '0'), "
        "lpad((sched_dep_time % 100)::text, 2, '0'))",
    .load =
        "SELECT flight_id, year, month, day, dep_time, sched_dep_time, dep_delay, arr_time, "
        "sched_arr_time, arr_delay, carrier, flight, tailnum, origin, dest, air_time, distance, "
        "coalesce(dep_delay, 0) + $2::integer "
        "FROM flights WHERE flight_id = $1 FOR UPDATE",
    .save =
        "UPDATE flights SET year = $2, month = $3, day = $4, dep_time = $5, "
        "sched_dep_time = $6, dep_delay = $7, arr_time = $8, sched_arr_time = $9, "
        "arr_delay = $10, carrier = $11, flight = $12, tailnum = $13, origin = $14, "
        "dest = $15, air_time = $16, distance = $17 WHERE flight_id = $1 "
        "RETURNING dep_delay",
    .delay_column = 6,
};

constexpr statements shape_2{
    .board =
        "SELECT flight_id, airline_code, flight, dest, scheduled_departure, dep_delay "
        "FROM flights WHERE flight_id BETWEEN $1 AND $1 + 19 ORDER BY flight_id",
    .add_delay =
        "UPDATE flights SET dep_delay = coalesce(dep_delay, interval '0') "
        "+ make_interval(mins => $2) "
        "WHERE flight_id = $1 RETURNING (extract(epoch FROM dep_delay) / 60)::integer",
    .announce =
        "INSERT INTO flights (scheduled_departure, dep_delay, sched_arr_time, "
        "airline_code, flight, origin, dest, distance) "
        "VALUES ($1::timestamp AT TIME ZONE 'America/New_York', make_interval(mins => $2), "
        "2100, $3, 9000, 'JFK', 'SFO', 2586) RETURNING flight_id",
    .merge =
        "INSERT INTO flights (flight_id, scheduled_departure, dep_delay, sched_arr_time, "
        "airline_code, flight, origin, dest, distance) "
        "VALUES ($1, '2013-07-01 12:00-04', make_interval(mins => $2), 1500, 'UA', 9001, "
        "'EWR', 'SFO', 2565) "
        "ON CONFLICT (flight_id) DO UPDATE "
        "SET dep_delay = coalesce(flights.dep_delay, interval '0') + excluded.dep_delay "
        "RETURNING (extract(epoch FROM dep_delay) / 60)::integer",
    .reschedule =
        "UPDATE flights SET scheduled_departure = (date_trunc('day', scheduled_departure "
        "AT TIME ZONE 'America/New_York') + make_interval(hours => $2, mins => $3)) "
        "AT TIME ZONE 'America/New_York' WHERE flight_id = $1 "
        "RETURNING to_char(scheduled_departure AT TIME ZONE 'America/New_York', "
        "'YYYY-MM-DD HH24:MI')",
    .load =
        "SELECT flight_id, scheduled_departure, dep_time, dep_delay, arr_time, "
        "sched_arr_time, arr_delay, airline_code, flight, tailnum, origin, dest, air_time, "
        "distance, coalesce(dep_delay, interval '0') + make_interval(mins => $2) "
        "FROM flights WHERE flight_id = $1 FOR UPDATE",
    .save =
        "UPDATE flights SET scheduled_departure = $2, dep_time = $3, dep_delay = $4, "
        "arr_time = $5, sched_arr_time = $6, arr_delay = $7, airline_code = $8, flight = $9, "
        "tailnum = $10, origin = $11, dest = $12, air_time = $13, distance = $14 "
        "WHERE flight_id = $1 RETURNING dep_delay",
    .delay_column = 3,
};

const statements& sql_of(const session& client) {
  return client.chosen().shape == 1 ? shape_1 : shape_2;
}

void prepare(session& client) {
  const auto& sql = sql_of(client);
  auto& connection = client.connection();
  connection.prepare("board", sql.board);
  connection.prepare("add_delay", sql.add_delay);
  connection.prepare("announce", sql.announce);
  connection.prepare("merge", sql.merge);
  connection.prepare("reschedule", sql.reschedule);
  connection.prepare("load", sql.load);
  connection.prepare("save", sql.save);
}

void show_board(session& client) {
  pqxx::nontransaction autocommit(client.connection());
  const auto board = run(autocommit, "board", client.any_flight());
  client.expect(!board.empty(), "the board is empty");
}

void add_delay(session& client) {
  const auto flight_id = client.any_flight();
  const int minutes = client.between(-5, 30);
  pqxx::nontransaction autocommit(client.connection());
  const auto changed = run(autocommit, "add_delay", flight_id, minutes);
  client.expect(changed.size() == 1 && !changed[0][0].is_null(), "a delay was not recorded");
  client.note({.flight_id = flight_id, .minutes = minutes});
}

void announce(session& client) {
  // No flight is scheduled between midnight and five, so no time falls into the hour that does not
  // exist.
  const auto schedule = fmt::format("2013-{:02}-{:02} {:02}:{:02}", client.between(1, 12), client.between(1, 28), client.between(5, 23),
                                    client.between(0, 59));
  const int minutes = client.between(-5, 30);
  const auto carrier = client.any_carrier();
  pqxx::nontransaction autocommit(client.connection());
  const auto added = run(autocommit, "announce", schedule, minutes, carrier);
  client.expect(added.size() == 1, "an announced flight was not returned");
  client.note(
      {.flight_id = added[0][0].as<std::int64_t>(), .minutes = minutes, .schedule = schedule, .carrier = carrier, .announced = true});
}

void merge(session& client) {
  const auto flight_id = client.any_flight();
  const int minutes = client.between(1, 10);
  pqxx::nontransaction autocommit(client.connection());
  const auto merged = run(autocommit, "merge", flight_id, minutes);
  client.expect(merged.size() == 1 && !merged[0][0].is_null(), "an upsert returned no delay");
  client.note({.flight_id = flight_id, .minutes = minutes});
}

void reschedule(session& client) {
  const auto flight_id = client.own_flight();
  const int hour = client.between(5, 23);
  const int minute = client.between(0, 59);
  pqxx::nontransaction autocommit(client.connection());
  const auto moved = run(autocommit, "reschedule", flight_id, hour, minute);
  const auto schedule = moved.empty() ? std::string() : flights::text_of(moved, 0).value_or("nothing");
  client.expect(schedule.size() == 16 && schedule.substr(11) == fmt::format("{:02}:{:02}", hour, minute),
                "a flight was rescheduled to \"" + schedule + "\"");
  client.note({.flight_id = flight_id, .schedule = schedule});
}

// What an object mapper does: load the row, change one property, write every column back.
template <std::size_t... Column>
void save_row(session& client, std::index_sequence<Column...>) {
  const std::size_t delay = sql_of(client).delay_column;
  const auto flight_id = client.any_flight();
  const int minutes = client.between(-5, 30);
  pqxx::work transaction(client.connection());
  const auto loaded = run(transaction, "load", flight_id, minutes);
  client.expect(loaded.size() == 1, "a flight is not there");
  if (loaded.size() != 1) return;
  const auto value = [&](std::size_t column) { return flights::text_of(loaded, column == delay ? sizeof...(Column) : column); };
  const auto saved = run(transaction, "save", value(Column)...);
  client.expect(saved.size() == 1 && flights::text_of(saved, 0) == value(delay), "a saved row came back changed");
  transaction.commit();
  client.note({.flight_id = flight_id, .minutes = minutes});
}

void save(session& client) {
  if (client.chosen().shape == 1) {
    save_row(client, std::make_index_sequence<17>());
  } else {
    save_row(client, std::make_index_sequence<14>());
  }
}

}  // namespace

int main(int argc, char** argv) try {
  session client(flights::parse_options(argc, argv, "delay_board", "Shows departures and records delays"));
  prepare(client);
  using kind = operation::kind;
  return flights::consume(client, {
                                      {kind::read, 5, show_board},
                                      {kind::write, 4, add_delay},
                                      {kind::write, 2, save},
                                      {kind::write, 1, merge},
                                      {kind::write, 1, reschedule},
                                      {kind::write, 1, announce},
                                  });
} catch (const std::exception& error) {
  fmt::print(stderr, "delay_board: {}\n", error.what());
  return 2;
}
