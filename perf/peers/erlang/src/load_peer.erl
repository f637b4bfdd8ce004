%% Erlang's renderings of the load harness' workloads, driven by lines on stdin. The protocol is in ../../README.md.
-module(load_peer).

-export([main/0]).

workloads() ->
    [
        {"spawn", fun load_tasks:spawn_all/1},
        {"parked", fun load_parked:waiting/1},
        {"parked-event", fun load_parked:hibernating/1},
        {"pingpong", fun load_messages:pingpong/1},
        {"pingpong-16x100", fun load_messages:pingpong_16x100/1},
        {"tell-inside", fun load_messages:tell_inside/1},
        {"fanin", fun load_messages:fanin/1},
        {"ring", fun load_messages:ring/1},
        {"yield", fun load_tasks:yield/1},
        {"skynet", fun load_tasks:skynet/1},
        {"ask", fun load_messages:ask/1},
        {"ask-64", fun load_messages:ask_64/1},
        {"chain", fun load_tasks:chain/1},
        {"timers", fun load_timers:timers/1},
        {"overshoot", fun load_timers:overshoot/1}
    ].

main() ->
    load_measure:remember_baseline(),
    Names = lists:join($,, [[$", Name, $"] || {Name, _} <- workloads()]),
    io:format(
        "{\"peer\":\"Erlang\",\"version\":\"~s\",\"threads\":~b,\"workloads\":[~s]}~n",
        [version(), erlang:system_info(schedulers_online), Names]
    ),
    serve().

version() ->
    Release = erlang:system_info(otp_release),
    case file:read_file(filename:join([code:root_dir(), "releases", Release, "OTP_VERSION"])) of
        {ok, Version} -> string:trim(Version);
        {error, _} -> Release
    end.

serve() ->
    case io:get_line("") of
        eof ->
            halt(0);
        Line ->
            io:put_chars([answer(string:lexemes(Line, " \n")), $\n]),
            serve()
    end.

answer(["run", Name, Text]) ->
    case {lists:keyfind(Name, 1, workloads()), string:to_integer(Text)} of
        {false, _} -> error_line("no such workload");
        {{_, Run}, {Size, ""}} when is_integer(Size), Size > 0 -> in_new_process(Run, Size);
        _ -> error_line("the size is a number above 0")
    end;
answer(_) ->
    error_line("expected: run <workload> <size>").

error_line(Why) ->
    ["{\"error\":\"", Why, "\"}"].

%% Each round begins with a small heap and leaves none behind. What is sent to it stays outside of its heap: a million
%% messages are not to be collected with it.
in_new_process(Run, Size) ->
    Options = [monitor, {message_queue_data, off_heap}],
    {_, Monitor} = spawn_opt(fun() -> exit({report, Run(Size)}) end, Options),
    receive
        {'DOWN', Monitor, process, _, {report, Report}} -> load_measure:to_json(Report);
        {'DOWN', Monitor, process, _, _} -> error_line("the round has failed")
    end.
