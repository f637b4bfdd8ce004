// Rounds of episodes until the time is up. First each episode alone, once; then a few at a time, drawn from the seed. A round's
// number and the seed decide all that is random in it. After each round nothing may be left of it.

using System.Diagnostics;

namespace Qi.Actors.Load.Soak;

/// <summary>What a soak has found.</summary>
internal sealed record SoakResult(
    SoakOptions Options,
    IReadOnlyList<string> Violations,
    string? Replay,
    TimeSpan Elapsed,
    long Rounds,
    IReadOnlyDictionary<string, long> Episodes,
    SoakTotals Messages,
    MemorySamples Memory,
    double? HeapGrowth,
    double? ResidentGrowth)
{
    public bool HasPassed => Violations.Count == 0;
}

/// <summary>The sums over all episodes.</summary>
internal sealed record SoakTotals(long Sent, long Handled, long Dead, long Refused, long Bytes)
{
    public SoakTotals With(Ledger ledger)
        => new(Sent + ledger.Sent, Handled + ledger.Handled, Dead + ledger.Dead, Refused + ledger.Refused, Bytes + ledger.Bytes);
}

/// <summary>A soak in progress.</summary>
internal sealed class SoakRun(SoakOptions options, IReadOnlyList<SoakEpisode> catalogue, RestGauges gauges, Action<string> print, CancellationToken end)
    : IAsyncDisposable
{
    /// <summary>The system that lives on has this name.</summary>
    public const string SystemName = "qs";

    private const int MostAtOnce = 4;

    private const int MostPinned = 4; // the framework's own

    private static readonly TimeSpan s_progress = TimeSpan.FromSeconds(9);

    // An ask's timer may stay for its time-out; the wheel has a grain, and the dispatchers may be busy.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(3);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly MemorySamples _memory = new();
    private readonly Dictionary<string, long> _counts = catalogue.ToDictionary(static episode => episode.Name, static _ => 0L, StringComparer.Ordinal);
    private readonly List<string> _violations = [];
    private readonly ActorSystem _system = new(new QiActorsOptions { Name = SystemName, WorkerThreads = 2, Reactor = options.Reactor }, null, SoakLog.Instance);
    private SoakTotals _totals = new(0, 0, 0, 0, 0);
    private TimeSpan _nextSample;
    private TimeSpan _shown;
    private TimeSpan? _warmSince;
    private int _round;

    public static async Task<SoakResult> Of(
        SoakOptions options, IReadOnlyList<SoakEpisode> catalogue, Action<string> print, CancellationToken end, params RestGauge[] gauges)
    {
        var atRest = new RestGauges(gauges); // before there is a system
        await using var run = new SoakRun(options, catalogue, atRest, print, end);
        return await run.RunAsync();
    }

    // What is left in it was reported, or is the finding's own.
    public async ValueTask DisposeAsync() => await _system.StopAsync(StopMode.Now, options.Patience);

    private async Task<SoakResult> RunAsync()
    {
        _system.DeadLetters.Observed += SoakContext.Bury;
        SoakContext.TakeSurprises();
        bool isSingle = options.OnlyRound > 0;
        _round = isSingle ? options.OnlyRound - 1 : 0;
        if (isSingle && gauges.AreMany)
            await RunSingleBeforeAsync();
        do
        {
            _round++;
            await RunRoundAsync();
            if (_round == catalogue.Count && _violations.Count == 0)
                gauges.Settle(_system);
            if (_clock.Elapsed >= options.WarmUp && _round >= options.WarmUpRounds)
                _warmSince ??= _clock.Elapsed;
            if (_violations.Count == 0 && _round >= catalogue.Count && _clock.Elapsed >= _nextSample)
                Sample();
        }
        while (!isSingle && _violations.Count == 0 && !end.IsCancellationRequested && (_round < catalogue.Count || !HasRunItsTime()));

        // What hangs would hang on here: its round is the finding.
        if (_violations.Count == 0)
            await EndAsync();
        return Conclude();
    }

    private bool HasRunItsTime() => _warmSince is { } warm && _clock.Elapsed >= warm + options.Duration;

    // Its first time, after which the system holds what it holds.
    private async Task RunSingleBeforeAsync()
    {
        _round++;
        await RunRoundAsync();
        _round--;
        if (_violations.Count == 0)
            gauges.Settle(_system);
    }

    private async Task RunRoundAsync()
    {
        var random = new Random(unchecked((options.Seed * 1_000_003) + _round));
        SoakEpisode[] episodes = _round <= catalogue.Count
            ? [catalogue[_round - 1]]
            : [.. Enumerable.Range(0, random.Next(1, MostAtOnce + 1)).Select(_ => catalogue[random.Next(catalogue.Count)])];
        var contexts = episodes.Select(episode => new SoakContext(episode.Name, _system, random.Next(), options.Patience, options.Reactor)).ToArray();
        var running = Task.WhenAll(episodes.Zip(contexts, RunEpisodeAsync));
        while (!await HasEndedAsync(running))
            Progress($"at work on {string.Join(", ", episodes.Select(static episode => episode.Name))}");
        foreach (var context in contexts)
        {
            _counts[context.Ledger.Name]++;
            _totals = _totals.With(context.Ledger);
            _violations.AddRange(context.Ledger.Violations());
        }

        if (_violations.Count == 0)
            await CheckRestAsync();
        _violations.AddRange(SoakContext.TakeSurprises());
        if (_clock.Elapsed - _shown > s_progress)
            Progress("goes on");
    }

    // Without a timer that stays: a race with a delay would leave one, and the harness itself must not grow.
    private static async Task<bool> HasEndedAsync(Task task)
    {
        try
        {
            await task.WaitAsync(s_progress, CancellationToken.None);
            return true;
        }
        catch (TimeoutException)
        {
            return task.IsCompleted;
        }
    }

    private static async Task RunEpisodeAsync(SoakEpisode episode, SoakContext context)
    {
        try
        {
            await Task.Run(() => episode.Run(context));
        }
        catch (Exception e)
        {
            context.Ledger.Violate($"it failed: {e}");
            return;
        }

        await context.SettleAsync();
    }

    // Nothing of a round may be left: neither in the system that lives on, nor of those that the round has made.
    private async Task CheckRestAsync()
    {
        await UntilAsync(() => _system.Statistics is { Actors: 0, ActiveTasks: 0, QueuedTasks: 0 }, options.Patience);
        var left = _system.Statistics;
        if (left.Actors != 0 || left.ActiveTasks != 0 || left.QueuedTasks != 0)
            _violations.Add($"left behind: {left.Actors} actors, {left.ActiveTasks} coroutines, {left.QueuedTasks} queued run items");
        if (!await UntilAsync(static () => OwnThreads.CountOf(SoakContext.OwnSystemName) == 0, options.Patience))
            _violations.Add($"left behind: {OwnThreads.CountOf(SoakContext.OwnSystemName)} threads of systems that were stopped");
        await CheckGaugesAsync(_system, RestPoints.Round, options.Patience);
    }

    private async Task CheckGaugesAsync(ActorSystem? system, RestPoints point, TimeSpan patience)
    {
        if (!await UntilAsync(() => gauges.LeftBehind(system, point).Length == 0, patience))
            _violations.AddRange(gauges.LeftBehind(system, point));
    }

    private async Task EndAsync()
    {
        await UntilAsync(() => _system.Statistics.TimersWaiting == 0, options.Patience + s_margin);
        if (_system.Statistics.TimersWaiting is var timers and > 0)
            _violations.Add($"left behind: {timers} timers");
        await CheckGaugesAsync(_system, RestPoints.LastRest, options.Patience + s_margin);
        if (options.OnlyRound == 0)
            Sample();
        var report = await _system.StopAsync(StopMode.Drain, options.Patience);
        if (!report.IsComplete)
            _violations.Add($"the system stopped with rests: {report}");
        if (!await UntilAsync(static () => OwnThreads.CountOf(SystemName) == 0, options.Patience))
            _violations.Add($"left behind: {OwnThreads.CountOf(SystemName)} threads of the system");
        await CheckGaugesAsync(null, RestPoints.End, options.Patience);
    }

    private SoakResult Conclude()
    {
        string? replay = _violations.Count > 0 ? options.Replay(_round) : null;
        double? heap = _memory.GrowthOf(static sample => sample.HeapBytes, options.IgnoredBytes);
        double? resident = _memory.GrowthOf(static sample => sample.ResidentBytes, options.IgnoredBytes);
        if (heap > options.MemoryBar)
            _violations.Add($"the heap grew by {heap:P1}, more than {options.MemoryBar:P0}");
        if (resident > options.MemoryBar)
            _violations.Add($"resident memory grew by {resident:P1}, more than {options.MemoryBar:P0}");
        if (_memory.All.Count > 0 && _memory.All[^1].PinnedObjects is var pinned and > MostPinned)
            _violations.Add($"left behind: {pinned} objects that are pinned");
        return new SoakResult(options, _violations, replay, _clock.Elapsed, _round, _counts, _totals, _memory, heap, resident);
    }

    private void Sample()
    {
        _nextSample = _clock.Elapsed + options.SampleEvery;
        var sample = _memory.Take(_clock.Elapsed, _system, _round, isWarm: _warmSince is not null);
        print($"  memory at {sample.Seconds:0} s: heap {sample.HeapBytes / 1e6:0.0} MB, {sample.CommittedBytes / 1e6:0.0} MB with its gaps, {sample.PinnedObjects} objects pinned, resident {sample.ResidentBytes / 1e6:0.0} MB, {sample.Threads} threads, {sample.TimersWaiting} timers, {sample.SystemsKept} stopped systems kept, {sample.Rounds} rounds");
        _shown = _clock.Elapsed;
    }

    private void Progress(string what)
    {
        _shown = _clock.Elapsed;
        print($"  {_clock.Elapsed.TotalSeconds:0} s: round {_round}, {_totals.Sent:N0} {options.Kind.Noun}; {what}");
    }

    /// <summary>Waits until something holds; false if it does not come to hold in that time.</summary>
    public static async Task<bool> UntilAsync(Func<bool> holds, TimeSpan patience)
    {
        for (var waited = Stopwatch.StartNew(); !holds();)
        {
            if (waited.Elapsed > patience)
                return false;
            await Task.Delay(1, CancellationToken.None);
        }

        return true;
    }
}
