// billing: sums flights up by carrier and writes corrections; knows four columns of the table and
// no others.
//
// Its corrections hit the same rows as delay_board's, at the same time and perhaps through another
// version: delays are added to, so that the sums over all ledgers must come out exactly, and
// carriers are set by this program alone.

#include <cstdlib>
#include <exception>
#include <fmt/format.h>

#include "consumer.hpp"

namespace {

using flights::operation;
using flights::run;
using flights::session;

// One deployment's SQL; parameters and results are the same for both shapes.
struct statements {
  const char* page;
  const char* year;
  const char* correct_delay;
  const char* correct_carrier;
};

constexpr statements shape_1{
    .page =
        "SELECT carrier, count(*), sum(distance), sum(dep_delay) FROM flights "
        "WHERE flight_id BETWEEN $1 AND $1 + 999 GROUP BY carrier",
    .year = "SELECT carrier, count(*), sum(distance), sum(dep_delay) FROM flights GROUP BY carrier",
    .correct_delay =
        "UPDATE flights SET dep_delay = coalesce(dep_delay, 0) + $2::integer "
        "WHERE flight_id = $1 RETURNING dep_delay",
    .correct_carrier = "UPDATE flights SET carrier = $2 WHERE flight_id = $1 RETURNING carrier",
};

constexpr statements shape_2{
    .page =
        "SELECT airline_code, count(*), sum(distance), "
        "(extract(epoch FROM sum(dep_delay)) / 60)::bigint FROM flights "
        "WHERE flight_id BETWEEN $1 AND $1 + 999 GROUP BY airline_code",
    .year =
        "SELECT airline_code, count(*), sum(distance), "
        "(extract(epoch FROM sum(dep_delay)) / 60)::bigint FROM flights GROUP BY airline_code",
    .correct_delay =
        "UPDATE flights SET dep_delay = coalesce(dep_delay, interval '0') "
        "+ make_interval(mins => $2) "
        "WHERE flight_id = $1 RETURNING (extract(epoch FROM dep_delay) / 60)::integer",
    .correct_carrier = "UPDATE flights SET airline_code = $2 WHERE flight_id = $1 RETURNING airline_code",
};

void prepare(session& client) {
  const auto& sql = client.chosen().shape == 1 ? shape_1 : shape_2;
  auto& connection = client.connection();
  connection.prepare("page", sql.page);
  connection.prepare("year", sql.year);
  connection.prepare("correct_delay", sql.correct_delay);
  connection.prepare("correct_carrier", sql.correct_carrier);
}

// Flights are only ever added, so no count that has been seen can shrink.
std::int64_t flights_in(const pqxx::result& by_carrier) {
  std::int64_t count = 0;
  for (const auto& row : by_carrier)
    count += row[1].as<std::int64_t>();
  return count;
}

void page(session& client) {
  pqxx::nontransaction autocommit(client.connection());
  const auto sums = run(autocommit, "page", client.any_flight());
  client.expect(flights_in(sums) > 0, "a page of flights is empty");
}

void year(session& client) {
  static std::int64_t seen = 0;
  pqxx::nontransaction autocommit(client.connection());
  const auto count = flights_in(run(autocommit, "year"));
  client.expect(count >= seen, "flights have disappeared");
  seen = count;
}

void correct_delay(session& client) {
  const auto flight_id = client.any_flight();
  const int minutes = client.between(-15, 15);
  pqxx::nontransaction autocommit(client.connection());
  const auto changed = run(autocommit, "correct_delay", flight_id, minutes);
  client.expect(changed.size() == 1 && !changed[0][0].is_null(), "a delay was not corrected");
  client.note({.flight_id = flight_id, .minutes = minutes});
}

void correct_carrier(session& client) {
  const auto flight_id = client.own_flight();
  const auto carrier = client.any_carrier();
  pqxx::nontransaction autocommit(client.connection());
  const auto changed = run(autocommit, "correct_carrier", flight_id, carrier);
  client.expect(changed.size() == 1 && changed[0][0].as<std::string>() == carrier, "a carrier was not corrected");
  client.note({.flight_id = flight_id, .carrier = carrier});
}

}  // namespace

int main(int argc, char** argv) try {
  session client(flights::parse_options(argc, argv, "billing", "Sums flights up by carrier and corrects them"));
  prepare(client);
  using kind = operation::kind;
  return flights::consume(client, {
                                      {kind::read, 60, page},
                                      {kind::read, 1, year},
                                      {kind::write, 40, correct_delay},
                                      {kind::write, 20, correct_carrier},
                                  });
} catch (const std::exception& error) {
  fmt::print(stderr, "billing: {}\n", error.what());
  return 2;
}
