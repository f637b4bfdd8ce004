%% Processes that are spawned, yield and report.
-module(load_tasks).

-export([spawn_all/1, yield/1, skynet/1, chain/1, collect/1, share/3]).

-define(YIELDERS, 1_000).
-define(CHILDREN, 10).

%% A process has no handle to join: it reports to the one that spawned it, which counts the reports.
spawn_all(Size) ->
    load_measure:timed(fun() ->
        Parent = self(),
        spawn_reporters(Parent, Size),
        collect(Size)
    end).

spawn_reporters(_, 0) ->
    ok;
spawn_reporters(Parent, Left) ->
    spawn(fun() -> Parent ! {report, 1} end),
    spawn_reporters(Parent, Left - 1).

%% Adds up that many reports.
collect(Count) ->
    collect(Count, 0).

collect(0, Sum) ->
    Sum;
collect(Left, Sum) ->
    receive
        {report, Number} -> collect(Left - 1, Sum + Number)
    end.

yield(Size) ->
    load_measure:timed(fun() ->
        Parent = self(),
        Spawn = fun(I) -> spawn(fun() -> yield_often(Parent, share(Size, ?YIELDERS, I)) end) end,
        lists:foreach(Spawn, lists:seq(0, ?YIELDERS - 1)),
        collect(?YIELDERS)
    end).

yield_often(Parent, Times) ->
    yield_times(Times),
    Parent ! {report, Times}.

yield_times(0) ->
    ok;
yield_times(Left) ->
    erlang:yield(),
    yield_times(Left - 1).

%% The part of the whole that the given one of many has to do.
share(Whole, Parts, Part) when Part < Whole rem Parts -> Whole div Parts + 1;
share(Whole, Parts, _) -> Whole div Parts.

skynet(Size) ->
    load_measure:timed(fun() ->
        Parent = self(),
        spawn(fun() -> grow(Parent, 0, Size) end),
        collect(1)
    end).

grow(Parent, First, Leaves) when Leaves =< 1 ->
    Parent ! {report, First};
grow(Parent, First, Leaves) ->
    grow_children(self(), First, Leaves div ?CHILDREN, ?CHILDREN),
    Parent ! {report, collect(?CHILDREN)}.

grow_children(_, _, _, 0) ->
    ok;
grow_children(Parent, First, Share, Left) ->
    spawn(fun() -> grow(Parent, First, Share) end),
    grow_children(Parent, First + Share, Share, Left - 1).

chain(Size) ->
    load_measure:timed(fun() ->
        Parent = self(),
        spawn(fun() -> link_next(Parent, 1, Size) end),
        collect(1)
    end).

link_next(Parent, Size, Size) -> Parent ! {report, Size};
link_next(Parent, Number, Size) -> spawn(fun() -> link_next(Parent, Number + 1, Size) end).
