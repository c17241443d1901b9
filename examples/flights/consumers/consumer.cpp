// The loop and the report of the consumer programs; consumer.hpp says what they are for.

#include "consumer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <getopt.h>
#include <iterator>
#include <map>
#include <thread>

namespace flights {

namespace {

using clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_requested = 0;

extern "C" void request_stop(int) {
  stop_requested = 1;
}

struct tally {
  std::uint64_t reads = 0;
  std::uint64_t writes = 0;
  std::map<std::string, std::uint64_t> errors;  // by SQLSTATE
  std::vector<std::int64_t> latencies;          // microseconds, of what succeeded

  void fail(const std::string& program, const std::string& sqlstate, const std::string& message) {
    const std::string code = sqlstate.empty() ? "08006" : sqlstate;
    if (++errors[code] > 1) return;
    const auto text = message.substr(0, message.find_last_not_of('\n') + 1);
    fmt::print(stderr, "{}: {}: {}\n", program, code, text);
  }
};

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1));
  return sorted[at];
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void report(const session& client, tally& done, double seconds) {
  std::sort(done.latencies.begin(), done.latencies.end());
  std::string errors;
  for (const auto& [sqlstate, count] : done.errors)
    errors += fmt::format("{}\"{}\": {}", errors.empty() ? "" : ", ", sqlstate, count);
  const auto max = done.latencies.empty() ? 0 : done.latencies.back();
  fmt::print(
      "{{\"program\": \"{}\", \"shape\": {}, \"relation\": \"{}\", \"seconds\": {:.1f}, "
      "\"reads\": {}, \"writes\": {}, \"errors\": {{{}}}, \"wrong_answers\": {}, "
      "\"p50_us\": {}, \"p99_us\": {}, \"max_us\": {}}}\n",
      client.chosen().program, client.chosen().shape, escaped(client.relation()), seconds, done.reads, done.writes, errors,
      client.wrong_answers(), percentile(done.latencies, 0.50), percentile(done.latencies, 0.99), max);
}

template <typename T>
std::string field(const std::optional<T>& value) {
  return value ? fmt::format("{}", *value) : std::string();
}

}  // namespace

options parse_options(int argc, char** argv, const std::string& program, const std::string& purpose) {
  options chosen;
  chosen.program = program;
  chosen.seed = std::random_device{}();
  const std::array known{
      ::option{"connection", required_argument, nullptr, 'c'},
      ::option{"shape", required_argument, nullptr, 's'},
      ::option{"seconds", required_argument, nullptr, 't'},
      ::option{"rate", required_argument, nullptr, 'r'},
      ::option{"seed", required_argument, nullptr, 'd'},
      ::option{"ledger", required_argument, nullptr, 'l'},
      ::option{"help", no_argument, nullptr, 'h'},
      ::option{nullptr, 0, nullptr, 0},
  };
  const auto usage = [&](int status) {
    fmt::print(status == 0 ? stdout : stderr,
               "{}: {}\n\n"
               "  --connection STRING  of libpq (default: its environment)\n"
               "  --shape 1|2          the shape of flights that this deployment knows (1)\n"
               "  --seconds N          how long; SIGTERM ends it sooner (10)\n"
               "  --rate N             operations a second, 0 for as many as possible (100)\n"
               "  --seed N             of the random choices\n"
               "  --ledger FILE        to append every committed write to, as CSV\n",
               program, purpose);
    std::exit(status);
  };
  int found = 0;
  try {
    while ((found = ::getopt_long(argc, argv, "", known.data(), nullptr)) != -1) {
      const std::string value = optarg != nullptr ? optarg : "";
      switch (found) {
        case 'c':
          chosen.connection = value;
          break;
        case 's':
          chosen.shape = std::stoi(value);
          break;
        case 't':
          chosen.seconds = std::stod(value);
          break;
        case 'r':
          chosen.rate = std::stod(value);
          break;
        case 'd':
          chosen.seed = std::stoull(value);
          break;
        case 'l':
          chosen.ledger = value;
          break;
        case 'h':
          usage(0);
          break;
        default:
          usage(2);
      }
    }
  } catch (const std::exception&) {
    usage(2);
  }
  if (optind != argc || (chosen.shape != 1 && chosen.shape != 2)) usage(2);
  ::setenv("PGAPPNAME", program.c_str(), 0);
  return chosen;
}

std::optional<std::string> text_of(const pqxx::result& rows, std::size_t column) {
  const auto field = rows[0][static_cast<int>(column)];
  if (field.is_null()) return std::nullopt;
  return field.as<std::string>();
}

session::session(const options& chosen) : chosen_(chosen), connection_(chosen.connection), random_(chosen.seed) {
  if (!chosen.ledger.empty()) {
    ledger_.open(chosen.ledger, std::ios::app);
    if (!ledger_) throw std::runtime_error("could not open ledger \"" + chosen.ledger + "\"");
  }
  pqxx::nontransaction autocommit(connection_);
  const auto found = autocommit.exec(
      "SELECT format('%I.%I', n.nspname, c.relname), (SELECT max(flight_id) FROM flights) "
      "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.oid = 'flights'::regclass");
  relation_ = found[0][0].as<std::string>();
  last_flight_ = found[0][1].as<std::int64_t>();
}

int session::between(int low, int high) {
  return std::uniform_int_distribution<int>(low, high)(random_);
}

std::int64_t session::any_flight() {
  constexpr std::int64_t wanted_by_all = 300;
  const auto last = between(0, 1) == 0 ? std::min(wanted_by_all, last_flight_) : last_flight_;
  return std::uniform_int_distribution<std::int64_t>(1, last)(random_);
}

std::int64_t session::own_flight() {
  const auto flight_id = any_flight();
  const auto parity = chosen_.shape - 1;
  return flight_id % 2 == parity ? flight_id : std::max<std::int64_t>(flight_id - 1, 1 + (1 - parity));
}

std::string session::any_carrier() {
  static constexpr std::array carriers{"9E", "AA", "B6", "DL", "EV", "MQ", "UA", "US"};
  return carriers[static_cast<std::size_t>(between(0, std::size(carriers) - 1))];
}

void session::note(const entry& written) {
  if (!ledger_.is_open()) return;
  // Flushed line by line, so that the ledger is complete even if this program is killed.
  ledger_ << fmt::format("{},{},{},{},{}\n", written.flight_id, field(written.minutes), field(written.schedule), field(written.carrier),
                         written.announced ? "t" : "f")
          << std::flush;
}

void session::expect(bool right, const std::string& what) {
  if (right) return;
  if (++wrong_answers_ == 1) fmt::print(stderr, "{}: {}\n", chosen_.program, what);
}

int consume(session& client, const std::vector<operation>& operations) {
  std::signal(SIGTERM, request_stop);
  std::signal(SIGINT, request_stop);

  int weights = 0;
  for (const auto& each : operations)
    weights += each.weight;

  tally done;
  const auto& chosen = client.chosen();
  const auto begin = clock::now();
  const auto end = begin + std::chrono::duration<double>(chosen.seconds);
  const std::chrono::duration<double> gap(chosen.rate > 0 ? 1 / chosen.rate : 0);
  std::chrono::duration<double> due(0);
  bool connected = true;
  while (connected && stop_requested == 0 && clock::now() < end) {
    int draw = client.between(1, weights);
    const auto next = std::find_if(operations.begin(), operations.end(), [&](const auto& each) { return (draw -= each.weight) <= 0; });
    const auto started = clock::now();
    try {
      next->act(client);
      ++(next->does == operation::kind::read ? done.reads : done.writes);
      done.latencies.push_back(std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - started).count());
    } catch (const pqxx::broken_connection& error) {
      done.fail(chosen.program, "08006", error.what());
      connected = false;
    } catch (const pqxx::sql_error& error) {
      done.fail(chosen.program, std::string(error.sqlstate()), error.what());
    } catch (const std::exception& error) {  // an answer that cannot be read
      client.expect(false, error.what());
    }
    due += gap;
    std::this_thread::sleep_until(begin + std::chrono::duration_cast<clock::duration>(due));
  }
  report(client, done, std::chrono::duration<double>(clock::now() - begin).count());
  return done.errors.empty() && client.wrong_answers() == 0 ? 0 : 1;
}

}  // namespace flights
