// Jobs of kind index: one CONCURRENTLY statement, run to a good end or cleaned up.
//
// Such a statement commits several times on its way, and when it fails it leaves an INVALID index behind, which costs every writer and
// serves no reader.  So a left-over is dropped before each try and after the last one, and what was built is looked at when it is done.
//
// Locking: SHARE UPDATE EXCLUSIVE on the table, by the statement itself; clients read and write.
#pragma once

#include "server/worker/job.hpp"

namespace accord::worker {

// Runs the job, outside any transaction; a failure's reason is in `error`.
outcome run_index_job(const job&, reported_error& error);

}  // namespace accord::worker
