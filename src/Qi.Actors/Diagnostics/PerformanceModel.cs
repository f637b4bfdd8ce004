// Predicts a load from unit costs. What is particular to this runtime is where work runs; the rest is queueing theory (Queueing).
//
// A message costs a tell, its handling and its share of a turn; an actor is a station with one server, the dispatchers are c processors
// that all stations share. The throughput is the lower of what the stations can do (mean-value analysis) and what the processors
// can do. Whom an actor tells waits in the LIFO slot of its dispatcher until its turn ends or has lasted for a while: so messages of
// a closed chain gather in clumps of up to a turn's budget, and a chain whose clump is handled in less than that while uses a
// single dispatcher.
//
// This file: the entry and what all loads share. PerformanceModel.Chain.cs, PerformanceModel.Closed.cs, PerformanceModel.Open.cs: the
// loads. docs/performance-model.md has the formulas, the assumptions and the checks.

using System.Globalization;

namespace Qi.Actors.Diagnostics;

/// <summary>Predicts throughput, latency and utilisation of a load from measured unit costs.</summary>
/// <remarks>
/// <b>Threads</b>: immutable; any. <b>Cost</b>: microseconds, up to a second for a million messages in flight. <b>Source</b>: bounds and
/// mean-value analysis for closed loads, the Allen-Cunneen approximation with set-up times for open ones; docs/performance-model.md.
/// </remarks>
public sealed partial class PerformanceModel
{
    private const double LeastNs = 1e-3;
    private const double LingerAfterMessages = 16;
    private const double NsPerSecond = 1e9;

    private readonly UnitCosts _costs;
    private readonly int _dispatchers;
    private readonly double _spinNs;
    private readonly double _turnBudgetNs;
    private readonly int _turnBudgetMessages;

    /// <summary>Makes a model of a system.</summary>
    /// <param name="costs">What its machine's operations cost: <see cref="UnitCosts.MeasureAsync"/>.</param>
    /// <param name="dispatchers">How many dispatchers it has. At least 1.</param>
    /// <param name="options">Its budgets and spin time; null for the defaults. Other options are not looked at.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no dispatchers, or more than 1024.</exception>
    /// <exception cref="ArgumentException">An option is out of its range: the message names each one.</exception>
    public PerformanceModel(UnitCosts costs, int dispatchers, QiActorsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(costs);
        if (dispatchers is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(dispatchers), dispatchers, "Give 1 to 1024 dispatchers: RuntimeStatistics.WorkerThreads says how many a system has.");
        options ??= new QiActorsOptions();
        var errors = options.Validate();
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
        _costs = costs;
        _dispatchers = dispatchers;
        _spinNs = options.SpinTime.TotalNanoseconds;
        _turnBudgetNs = options.TurnBudgetTime.TotalNanoseconds;
        _turnBudgetMessages = options.TurnBudgetMessages;
    }

    /// <summary>Predicts a load, in its steady state.</summary>
    public Prediction Predict(LoadDescription load)
    {
        ArgumentNullException.ThrowIfNull(load);
        return load.Shape switch
        {
            LoadShape.Pipeline => PredictChain(load, [.. load.Work.Select(work => new Stations(work.TotalNanoseconds, 1))], hopsPerCycle: 1),
            LoadShape.Ring => PredictChain(load, [new Stations(WorkNs(load), load.Parties)], hopsPerCycle: load.Parties),
            LoadShape.RequestReply => PredictRequestReply(load),
            LoadShape.FanIn => PredictFanIn(load),
            LoadShape.ForkJoin => PredictForkJoin(load),
            LoadShape.Arrivals => PredictArrivals(load),
            _ => PredictArrivalsAtPipeline(load),
        };
    }

    private static double WorkNs(LoadDescription load) => load.Work[0].TotalNanoseconds;

    // A message of a clump of this size: told by one actor, handled by the next, with its share of the turn. A turn that has handled many
    // lingers when it runs out of messages; one that has used its budget up does not.
    private double HopNs(double clump)
    {
        double turnNs = _costs.TurnNs
            + (Math.Clamp(clump - 1, 0, 1) * _costs.RunNs)
            + (clump >= LingerAfterMessages && clump < _turnBudgetMessages ? _costs.LingerNs : 0);
        return _costs.TellNs + _costs.HandleNs + (turnNs / clump);
    }

    // When more dispatchers work, each is slower: the ratio is measured with all of them, and taken to grow evenly.
    private double CrowdingOf(double busyDispatchers)
        => _dispatchers == 1 ? 1 : 1 + ((_costs.Crowding - 1) * Math.Clamp((busyDispatchers - 1) / (_dispatchers - 1), 0, 1));

    private double Utilisation(double busyDispatchers) => Math.Clamp(busyDispatchers / _dispatchers, 0, 1);

    private static string Time(double ns) => ns switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{ns:0.#} ns"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e3:0.##} µs"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e6:0.##} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ns / 1e9:0.##} s"),
    };

    private static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    private static string Rate(double perSecond) => string.Create(CultureInfo.InvariantCulture, $"{perSecond:#,##0} a second");

    private static string AllBusy(int dispatchers, double demandNs, string what)
        => string.Create(CultureInfo.InvariantCulture, $"All {dispatchers} dispatchers are busy: {what} takes {Time(demandNs)} of their time. Use more cores, or do less for each.");
}
