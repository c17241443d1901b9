// See launch.hpp.
#include "server/worker/launch.hpp"

#include <cstring>

#include "pg/pg.h"

namespace accord::worker {

bool launch(std::int64_t job, const std::string& title) {
  const char* name = title.c_str();
  return pg([&] {
    BackgroundWorker worker = {};
    launch_request request = {job, MyDatabaseId, GetTopTransactionId()};
    static_assert(sizeof request <= BGW_EXTRALEN);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    worker.bgw_restart_time = BGW_NEVER_RESTART;  // what a crash interrupts is started again by whom it concerns
    strlcpy(worker.bgw_library_name, "pg_accord", sizeof worker.bgw_library_name);
    strlcpy(worker.bgw_function_name, "accord_worker_main", sizeof worker.bgw_function_name);
    strlcpy(worker.bgw_name, name, sizeof worker.bgw_name);
    strlcpy(worker.bgw_type, "pg_accord", sizeof worker.bgw_type);
    memcpy(worker.bgw_extra, &request, sizeof request);
    return RegisterDynamicBackgroundWorker(&worker, nullptr);
  });
}

}  // namespace accord::worker
