// The background worker: it waits for the transaction that ordered it, takes one job, does it and writes down how it ended.
//
// It connects as the bootstrap superuser and then takes the identity it needs, because a role that may not log in may well own a table.
// Every user-written piece of code therefore runs where SET SESSION AUTHORIZATION is refused: in a security-restricted operation, or below
// as_user.
#include <cstring>
#include <fmt/format.h>

#include "pg/pause.hpp"
#include "pg/transaction.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/contract.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/worker/job.hpp"
#include "server/worker/launch.hpp"

#include "pg/pg.h"

namespace accord::worker {

namespace {

constinit std::span<const kind> kinds;

void connect(Oid database) {
  pg([&] {
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
    BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
  });
}

// What a role or a database may have set otherwise, and a job cannot live with.
void settle() {
  static constexpr const char* settings[][2] = {
      {"search_path", "pg_catalog, pg_temp"},
      {"default_transaction_isolation", "read committed"},
      {"default_transaction_read_only", "off"},
      {"default_transaction_deferrable", "off"},
      {"session_replication_role", "origin"},
      {"lock_timeout", "0"},
      {"statement_timeout", "0"},
      {"idle_in_transaction_session_timeout", "0"},
      {"transaction_timeout", "0"},  // since 17
  };
  pg([] {
    for (const auto& setting : settings)
      if (GetConfigOption(setting[0], true, false)) SetConfigOption(setting[0], setting[1], PGC_SUSET, PGC_S_SESSION);
  });
}

void wait_for_end_of(TransactionId xid) {
  pg([&] { XactLockTableWait(xid, nullptr, nullptr, XLTW_None); });
}

void name_session(const job& j) {
  std::string label = fmt::format("pg_accord {} {}", j.kind, registry::get_contract_by_id(j.contract).display());
  const char* text = label.c_str();
  pg([&] { SetConfigOption("application_name", text, PGC_USERSET, PGC_S_SESSION); });
}

void log_failure(const job& j, const reported_error& error) {
  std::string text = fmt::format("pg_accord: {} job {} failed: {}", j.kind, j.id, error.message);
  const char *message = text.c_str(), *detail = error.detail.c_str();
  pg([&] { ereport(LOG, (errmsg_internal("%s", message), *detail ? errdetail_internal("%s", detail) : 0)); });
}

outcome run(const job& j, reported_error& error) {
  for (const auto& k : kinds)
    if (j.kind == k.name) return k.run(j, error);
  error = {core::sqlstate::internal_error, fmt::format("there is no kind of job \"{}\"", j.kind), {}, {}, 0};
  return outcome::failed;
}

// An error of the bookkeeping itself ends the worker; the job is then one that was interrupted.
void require(bool done, const reported_error& error) {
  if (!done) throw failure(error.sqlstate, error.message, error.detail, error.hint);
}

// The worker that had the job before may still be on its way out.
bool lock_job(std::int64_t id) {
  reported_error error;
  for (int tries = 0; tries < 20; tries++) {
    bool installed = false, locked = false;
    require(transaction(
                [&] {
                  installed = catalog::is_installed();
                  locked = installed && try_lock_job(id);
                },
                error),
            error);
    if (locked || !installed) return locked;
    pause_ms(100);
  }
  return false;
}

void work(const launch_request& request) {
  reported_error error;
  std::optional<job> claimed;
  require(transaction([&] { wait_for_end_of(request.after); }, error), error);
  if (!lock_job(request.job)) return;
  require(transaction(
              [&] {
                claimed = claim_job(request.job);
                if (claimed) name_session(*claimed);
              },
              error),
          error);
  if (!claimed) return;
  outcome end = run(*claimed, error);
  if (end == outcome::failed) log_failure(*claimed, error);
  static constexpr const char* states[] = {"done", "paused", "failed"};
  reported_error failed;
  require(transaction([&] { finish_job(claimed->id, states[static_cast<int>(end)], error); }, failed), failed);
  unlock_job(claimed->id);
}

}  // namespace

void kinds_init(std::span<const kind> known) {
  kinds = known;
}

}  // namespace accord::worker

ACCORD_WORKER(accord_worker_main) {
  using namespace accord;
  worker::launch_request request;
  std::memcpy(&request, MyBgworkerEntry->bgw_extra, sizeof request);
  worker::connect(request.database);
  worker::settle();
  own_ddl::for_this_process();
  memory_scope memory("accord worker");
  worker::work(request);
}
