%% Very many processes that sleep.
-module(load_timers).

-export([timers/1, overshoot/1]).

-define(SPREAD, 100).

wished(I) -> 1 + I rem ?SPREAD.

timers(Size) ->
    load_measure:timed(fun() ->
        start(Size, fun sleep/1),
        load_tasks:collect(Size)
    end).

overshoot(Size) ->
    Report = load_measure:timed(fun() ->
        start(Size, fun measure_sleep/1),
        put(samples, samples(Size, [])),
        Size
    end),
    load_measure:with_percentiles(Report, erase(samples)).

%% Starts processes that report what the work gives for their wished time.
start(Size, Work) ->
    Parent = self(),
    start(Parent, 0, Size, Work).

start(_, Size, Size, _) ->
    ok;
start(Parent, I, Size, Work) ->
    spawn(fun() -> Parent ! {report, Work(wished(I))} end),
    start(Parent, I + 1, Size, Work).

sleep(Time) ->
    receive
    after Time -> 1
    end.

measure_sleep(Time) ->
    Start = erlang:monotonic_time(nanosecond),
    sleep(Time),
    erlang:monotonic_time(nanosecond) - Start - Time * 1_000_000.

samples(0, Samples) ->
    Samples;
samples(Left, Samples) ->
    receive
        {report, Sample} -> samples(Left - 1, [Sample | Samples])
    end.
