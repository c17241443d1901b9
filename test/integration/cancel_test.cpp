// Every public function is cancelled in the middle, where it waits for a lock on one of accord's own tables: it gives 57014, has changed
// nothing, and the same call in the same session then works.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "session.hpp"

namespace accord_test {
namespace {

struct call {
  std::string function, statement;
  std::string before = "";              // what must be there first
  std::string waits_for = "audit_log";  // what it needs late, so that most of its work is done when it is cancelled
  bool commits = false;                 // keeps what it did before it was cancelled
};

const std::string stage = "SELECT accord.stage('t', 'ALTER TABLE t ALTER delay TYPE text', down => 'delay = delay::integer')";
const std::string active = stage + "; CALL accord.backfill('t')";
const std::string consumer = "SELECT accord.register_consumer('app', role => 'regress_cancel_app')";
const std::string subscribed = consumer + "; SELECT accord.subscribe('t', 'app', version => '1')";

const std::vector<call> calls = {
    {"register_contract", "SELECT accord.register_contract('other')"},
    {"alter_contract", "SELECT accord.alter_contract('t', level => 'readers')"},
    {"allow_row_removal", "SELECT accord.allow_row_removal('measure', reason => 'old measures go')",
     "CREATE TABLE measure (taken date) PARTITION BY RANGE (taken); SELECT accord.register_contract('measure')"},
    {"drop_contract", "SELECT accord.drop_contract('t')"},
    {"forget_contract", "SELECT accord.forget_contract('public', 't')", "SET accord.guard = off; DROP TABLE t; RESET accord.guard"},
    {"register_consumer", "SELECT accord.register_consumer('billing')"},
    {"drop_consumer", "SELECT accord.drop_consumer('app')", consumer},
    {"subscribe", "SELECT accord.subscribe('t', 'app', version => '1')", consumer},
    {"unsubscribe", "SELECT accord.unsubscribe('t', 'app')", subscribed},
    {"publish_version", "SELECT accord.publish_version('t', reason => 'documentation')",
     "SET accord.guard = off; COMMENT ON COLUMN t.delay IS 'minutes'; RESET accord.guard"},
    {"deprecate_version", "SELECT accord.deprecate_version('t', '1')", active},
    {"retire_version", "SELECT accord.retire_version('t', '1')", active + "; SELECT accord.complete('t'); SELECT accord.purge('t')"},
    {"diff", "SELECT accord.diff('t')", "", "contract_version"},
    {"set_guard_mode", "SELECT accord.set_guard_mode('warn', 't')"},
    {"drift", "SELECT accord.drift()", "", "contract_version"},
    {"accept_drift", "SELECT accord.accept_drift('t', 'a drill')"},
    {"waive", "SELECT accord.waive('t', reason => 'a drill')"},
    {"revoke_waiver", "SELECT accord.revoke_waiver(1)", "SELECT accord.waive('t', reason => 'a drill')"},
    {"check", "SELECT accord.check('ALTER TABLE t DROP COLUMN delay')", "", "contract"},
    {"impact", "SELECT accord.impact('ALTER TABLE t DROP COLUMN delay')", "", "contract"},
    {"plan", "SELECT accord.plan('t', 'ALTER TABLE t RENAME delay TO late')", "", "contract_version"},
    {"stage", stage},
    {"backfill", "CALL accord.backfill('t')", stage, "backfill_range", true},
    {"start_backfill", "SELECT accord.start_backfill('t')", stage},
    {"pause_backfill", "SELECT accord.pause_backfill('t')", stage},
    {"resume_backfill", "SELECT accord.resume_backfill('t')", stage + "; SELECT accord.pause_backfill('t')"},
    {"cancel_backfill", "SELECT accord.cancel_backfill('t')", stage + "; SELECT accord.pause_backfill('t')"},
    {"verify", "SELECT accord.verify('t')", stage, "migration"},
    {"complete", "SELECT accord.complete('t')", active},
    {"rollback", "SELECT accord.rollback('t')", active},
    {"purge", "SELECT accord.purge('t')", active + "; SELECT accord.complete('t')"},
    {"switch_version", "SELECT accord.switch_version('t', 'app', '1')", subscribed},
    {"copied_rows", "COPY t_v2.t (id) FROM PROGRAM 'echo 1000'", active, "release"},
    {"create_release", "SELECT accord.create_release('r')"},
    {"drop_release", "SELECT accord.drop_release('r')", "SELECT accord.create_release('r')"},
    {"use_release", "SELECT accord.use_release('r')", "SELECT accord.create_release('r')", "release"},
    {"use_version", "SELECT accord.use_version('t', '1')", active, "contract_version"},
    {"drop_unused_generations", "SELECT accord.drop_unused_generations('app')",
     subscribed + "; SELECT accord.switch_version('t', 'app', '1'); SELECT accord.switch_version('t', 'app', '1')", "generation"},
    {"retire_generations", "SELECT accord.retire_generations('app')", subscribed + "; SELECT accord.switch_version('t', 'app', '1')"},
    {"drain", "SELECT accord.drain('app')", subscribed + "; SELECT accord.switch_version('t', 'app', '1')", "generation"},
};
// They read nothing but their arguments and the types.
const std::vector<std::string> nothing_to_wait_for = {"statements", "type_change"};

// All of accord's tables, and all relations, columns, triggers and privileges, as one value.
const char* const state = R"(CREATE FUNCTION state() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    part text;
    parts text := '';
    source text;
BEGIN
    FOR source IN
        SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'accord_catalog'::regnamespace AND relkind = 'r'
        UNION ALL SELECT unnest('{pg_namespace,pg_class,pg_attribute,pg_trigger,pg_constraint,pg_attrdef,pg_rewrite,pg_db_role_setting}'::text[])
        ORDER BY 1
    LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, ''|'' ORDER BY t::text)) FROM (SELECT %s FROM %s t) t',
            CASE source WHEN 'pg_class' THEN 'oid, relname, relnamespace, relkind, relacl, relowner' ELSE '*' END, source) INTO part;
        parts := parts || source || ' ' || coalesce(part, '-') || E'\n';
    END LOOP;
    RETURN parts;
END $$)";

TEST(cancel, covers_every_public_function) {
  const std::string name = "accord_cancel_base";
  session::fresh(name);
  session db("dbname=" + name);
  for (const auto& row : db.run("SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'accord'::regnamespace"
                                " AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)")) {
    const std::string function = row[0].c_str();
    bool covered = std::any_of(calls.begin(), calls.end(), [&](const call& c) { return c.function == function; }) ||
                   std::count(nothing_to_wait_for.begin(), nothing_to_wait_for.end(), function) > 0;
    EXPECT_TRUE(covered) << function << " is not cancelled anywhere: add it to the calls";
  }
}

TEST(cancel, changes_nothing) {
  const std::string base = "accord_cancel_base", name = "accord_cancel";
  session::fresh(base);
  {
    session db("dbname=" + base);
    db.run("CREATE TABLE t (id bigint PRIMARY KEY, delay integer)");
    db.run("CREATE TABLE other (id bigint PRIMARY KEY)");
    db.run("INSERT INTO t SELECT g, g FROM generate_series(1, 100) g");
    db.run("SELECT accord.register_contract('t')");
    db.run(state);
  }
  session admin;
  admin.run("DROP ROLE IF EXISTS regress_cancel_app");
  admin.run("CREATE ROLE regress_cancel_app");
  for (const auto& call : calls) {
    SCOPED_TRACE(call.statement);
    admin.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    admin.run("CREATE DATABASE " + name + " TEMPLATE " + base);
    session caller("dbname=" + name), blocker("dbname=" + name);
    caller.run("SET client_min_messages = error");
    for (std::size_t from = 0; from < call.before.size();) {
      auto to = std::min(call.before.find("; ", from), call.before.size());
      caller.run(call.before.substr(from, to - from));
      from = to + 2;
    }
    const int pid = caller.pid();
    const std::string before = blocker.value("SELECT state()");
    blocker.run("BEGIN");
    blocker.run("LOCK TABLE accord_catalog." + call.waits_for + " IN ACCESS EXCLUSIVE MODE");

    std::string outcome;
    std::thread running([&] {
      try {
        caller.run(call.statement);
        outcome = "it was not cancelled";
      } catch (const pqxx::sql_error& error) {
        outcome = error.sqlstate();
      } catch (const std::exception& error) {
        outcome = error.what();
      }
    });
    EXPECT_TRUE(admin.wait_for(
        "SELECT coalesce((SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = " + std::to_string(pid) + "), false)", 10))
        << "it does not wait for " << call.waits_for;
    admin.run("SELECT pg_cancel_backend(" + std::to_string(pid) + ")");
    running.join();
    EXPECT_EQ(outcome, "57014");
    blocker.run("ROLLBACK");
    if (!call.commits) {
      EXPECT_EQ(blocker.value("SELECT state()"), before);
    }
    EXPECT_NO_THROW(caller.run(call.statement));
  }
}

}  // namespace
}  // namespace accord_test
