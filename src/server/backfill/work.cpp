// Ranges and claims.  See work.hpp.
#include "server/backfill/work.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// A claim that is nobody's any more.  $3: the job of who asks, or NULL; $4: gone_jobs().  What stopped one worker with an error is not taken
// over by another one, which would fail the same way, until somebody asks for it.
#define ORPHANED                         \
  "(c.job IS NULL OR c.job = $3::bigint" \
  " OR c.job = ANY ($4::bigint[])"       \
  "    AND ($3 IS NULL OR NOT EXISTS (SELECT FROM accord_catalog.job j WHERE j.id = c.job AND j.state = 'failed')))"
#define CLAIM_COLUMNS "id, relation::oid, storage, first_block, next_block, end_block"

constinit spi::prepared lock_migration{
    "SELECT FROM accord_catalog.migration_relation WHERE migration_id = $1::bigint AND contract_id = $2::bigint FOR UPDATE"};

// Both in one statement: it is run with each batch.
constinit spi::prepared update_claim{
    "WITH counted AS (UPDATE accord_catalog.backfill_range SET rows_done = rows_done + $9::bigint, updated_at = clock_timestamp()"
    "                  WHERE migration_id = $6::bigint AND contract_id = $7::bigint AND relation = $8::oid)"
    " UPDATE accord_catalog.backfill_claim SET next_block = $2::bigint, rows_skipped = $3::bigint, rows_per_second = $4::float8,"
    "       blocks_per_second = $5::float8, waiting_for = NULL WHERE id = $1::bigint"};

constinit spi::prepared update_range{
    "UPDATE accord_catalog.backfill_range SET rows_done = rows_done + $4::bigint, updated_at = clock_timestamp()"
    " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation = $3::oid"};

// What somebody has left.  Of rows that he passed by because others had them there is no list: such a range is walked again.
constinit spi::prepared take_over{
    "UPDATE accord_catalog.backfill_claim SET job = $3::bigint, rows_skipped = 0, waiting_for = NULL,"
    "       next_block = CASE WHEN rows_skipped > 0 THEN first_block ELSE next_block END"
    " WHERE id = (SELECT c.id FROM accord_catalog.backfill_claim c"
    "              WHERE c.migration_id = $1::bigint AND c.contract_id = $2::bigint AND c.relation = ANY ($5::oid[])"
    "                AND c.id <> ALL ($6::bigint[]) AND " ORPHANED " ORDER BY c.id LIMIT 1) RETURNING " CLAIM_COLUMNS};

// Large ranges first, small ones at the end, so that all who share the work end at about the same time.
constinit spi::prepared take_next{
    "WITH chosen AS (SELECT relation, storage, next_block,"
    "                       least(blocks, next_block + least(greatest((blocks - next_block) / (2 * $3::integer), 32), 8192)) AS stop"
    "                  FROM accord_catalog.backfill_range WHERE migration_id = $1::bigint AND contract_id = $2::bigint"
    "                   AND relation = ANY ($4::oid[]) AND next_block < blocks AND NOT done ORDER BY relation::oid LIMIT 1),"
    " taken AS (UPDATE accord_catalog.backfill_range b SET next_block = c.stop FROM chosen c"
    "            WHERE b.migration_id = $1::bigint AND b.contract_id = $2::bigint AND b.relation = c.relation)"
    " INSERT INTO accord_catalog.backfill_claim (migration_id, contract_id, relation, storage, job, first_block, next_block, end_block)"
    " SELECT $1::bigint, $2::bigint, relation, storage, $5::bigint, next_block, next_block, stop FROM chosen RETURNING " CLAIM_COLUMNS};

// Asked before, and in a statement of its own: a worker tells how it ended before it lets go of its lock, and locks are seen as they are now
// while rows are seen as of the statement's beginning.
constinit spi::prepared gone{
    "SELECT array_agg(DISTINCT c.job) FROM accord_catalog.backfill_claim c WHERE c.migration_id = $1::bigint AND c.contract_id = $2::bigint"
    "   AND NOT EXISTS (SELECT FROM accord_catalog.live_job l WHERE l.id = c.job)"};

constinit spi::prepared delete_claim{"DELETE FROM accord_catalog.backfill_claim WHERE id = $1::bigint"};

constinit spi::prepared close_range{
    "UPDATE accord_catalog.backfill_range b SET done = true, updated_at = clock_timestamp()"
    " WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation = $3::oid AND storage = $4 AND next_block >= blocks"
    "   AND NOT EXISTS (SELECT FROM accord_catalog.backfill_claim c"
    "                    WHERE (c.migration_id, c.contract_id, c.relation) = (b.migration_id, b.contract_id, b.relation))"};

spi::param job_or_null(const claimant& who) {
  return who.job ? spi::param(who.job) : spi::param(std::nullopt);
}

claim read(const spi::row& row) {
  claim c;
  c.id = row.integer(0);
  c.heap = row.is_null(1) ? InvalidOid : row.oid(1);
  c.storage = row.text(2);
  c.first_block = row.integer(3);
  c.next_block = row.integer(4);
  c.end_block = row.integer(5);
  return c;
}

std::string list(const std::vector<std::int64_t>& values) {
  return fmt::format("{{{}}}", fmt::join(values, ","));
}

// Those that have claims here and that no worker holds, as an array.
std::string gone_jobs(const backfill_job& job) {
  return catalog::run(gone, {job.migration, job.contract}).front().text_or(0, "{}");
}

}  // namespace

void serialize(const backfill_job& job) {
  catalog::run(lock_migration, {job.migration, job.contract});
}

void prepare_range(const backfill_job& job, Oid heap) {
  serialize(job);
  std::string storage = storage_of(heap);
  auto blocks = blocks_of(heap);
  catalog::execute(
      "INSERT INTO accord_catalog.backfill_range (migration_id, contract_id, relation, storage, blocks)"
      " VALUES ($1::bigint, $2::bigint, $3::oid, $4, $5::bigint) ON CONFLICT DO NOTHING",
      {job.migration, job.contract, heap, storage, blocks});
  // A walk that was at its end without having come to it, and of whose claims none is left, is made again too.
  catalog::execute(
      "WITH walk_again AS ("
      "   UPDATE accord_catalog.backfill_range b SET storage = $4, blocks = $5::bigint, next_block = 0, done = false"
      "    WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation = $3::oid"
      "      AND (storage <> $4 OR NOT done AND next_block > 0 AND next_block >= blocks"
      "           AND NOT EXISTS (SELECT FROM accord_catalog.backfill_claim c"
      "                            WHERE (c.migration_id, c.contract_id, c.relation) = (b.migration_id, b.contract_id, b.relation)))"
      "   RETURNING relation)"
      " DELETE FROM accord_catalog.backfill_claim c USING walk_again w"
      "  WHERE c.migration_id = $1::bigint AND c.contract_id = $2::bigint AND c.relation = w.relation",
      {job.migration, job.contract, heap, storage, blocks});
}

void forget_vanished_heaps(const backfill_job& job) {
  catalog::execute(
      "DELETE FROM accord_catalog.backfill_range b WHERE migration_id = $1::bigint AND contract_id = $2::bigint"
      "   AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = b.relation)",
      {job.migration, job.contract});
}

void reopen_ranges(const backfill_job& job) {
  serialize(job);
  catalog::execute(
      "DELETE FROM accord_catalog.backfill_claim WHERE migration_id = $1::bigint AND contract_id = $2::bigint AND relation IS NOT NULL",
      {job.migration, job.contract});
  catalog::execute(
      "UPDATE accord_catalog.backfill_range SET storage = '', next_block = 0, done = false WHERE migration_id = $1::bigint AND contract_id "
      "= $2::bigint",
      {job.migration, job.contract});
}

std::optional<claim> next_claim(const backfill_job& job, const claimant& who, const std::vector<Oid>& heaps,
                                const std::vector<std::int64_t>& open) {
  serialize(job);
  std::string wanted = fmt::format("{{{}}}", fmt::join(heaps, ","));
  auto rows = catalog::run(take_over, {job.migration, job.contract, job_or_null(who), gone_jobs(job), wanted, list(open)});
  if (!rows.empty()) return read(rows.front());
  rows = catalog::run(take_next, {job.migration, job.contract, who.workers, wanted, job_or_null(who)});
  if (rows.empty()) return std::nullopt;
  return read(rows.front());
}

std::optional<claim> claim_last_look(const backfill_job& job, const claimant& who) {
  serialize(job);
  catalog::execute(
      "DELETE FROM accord_catalog.backfill_claim c WHERE c.migration_id = $1::bigint AND c.contract_id = $2::bigint"
      "   AND c.relation IS NULL AND " ORPHANED,
      {job.migration, job.contract, job_or_null(who), gone_jobs(job)});
  auto rows = catalog::query(
      "INSERT INTO accord_catalog.backfill_claim (migration_id, contract_id, storage, job, first_block, next_block, end_block)"
      " SELECT $1::bigint, $2::bigint, '', $3::bigint, 0, 0, 0"
      "  WHERE NOT EXISTS (SELECT FROM accord_catalog.backfill_claim WHERE migration_id = $1::bigint AND contract_id = $2::bigint)"
      "    AND EXISTS (SELECT FROM accord_catalog.migration WHERE id = $1::bigint AND state = 'preparing')"
      " RETURNING " CLAIM_COLUMNS,
      {job.migration, job.contract, job_or_null(who)});
  if (rows.empty()) return std::nullopt;
  return read(rows.front());
}

void write_claim(const backfill_job& job, const claim& c, std::int64_t filled, const claim_rates& rates) {
  catalog::run(update_claim, {c.id, c.next_block, c.rows_skipped, fmt::format("{}", rates.rows_per_second),
                              fmt::format("{}", rates.blocks_per_second), job.migration, job.contract, c.heap, filled});
}

void count_rows(const backfill_job& job, Oid heap, std::int64_t filled) {
  catalog::run(update_range, {job.migration, job.contract, heap, filled});
}

std::int64_t rows_done(const backfill_job& job) {
  return catalog::query(
             "SELECT coalesce(sum(rows_done), 0) FROM accord_catalog.backfill_range WHERE migration_id = $1::bigint AND contract_id = "
             "$2::bigint",
             {job.migration, job.contract})
      .front()
      .integer(0);
}

void write_waiting_for(const claim& c, const std::optional<std::string>& reason) {
  catalog::execute("UPDATE accord_catalog.backfill_claim SET waiting_for = $2 WHERE id = $1::bigint AND waiting_for IS DISTINCT FROM $2",
                   {c.id, reason});
}

void close_claim(const backfill_job& job, const claim& c) {
  serialize(job);
  catalog::run(delete_claim, {c.id});
  if (OidIsValid(c.heap)) catalog::run(close_range, {job.migration, job.contract, c.heap, c.storage});
}

}  // namespace accord::migration
