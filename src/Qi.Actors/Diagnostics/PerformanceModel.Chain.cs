// Closed chains: a fixed number of messages goes round a pipeline or a ring.
//
// Whom an actor tells waits in the LIFO slot until its turn ends, so the messages gather, and a turn handles all of them: they go as
// one. A turn that lasts longer than TurnClock.ShareEveryNs gives what it has told to an idle dispatcher, and goes on telling: then the
// turns of actors in a row overlap, as far as dispatchers are free when a turn looks.

using System.Globalization;

using Qi.Actors.Scheduling;

namespace Qi.Actors.Diagnostics;

public sealed partial class PerformanceModel
{
    private const double FirstShareAfterMessages = 2; // the first look only learns how long a message takes
    private const double RoundingError = 1e-9;

    // Customers of the network are clumps: a turn handles all that waits, up to its budget, before the next actor gets a turn.
    private Prediction PredictChain(LoadDescription load, IReadOnlyList<Stations> work, double hopsPerCycle)
    {
        double inFlight = load.MessagesInFlight;
        double budget = ClumpLimit(work.Max(station => station.Demand));
        double clump = Math.Min(inFlight, budget);
        Stations[] stations = [.. work.Select(station => new Stations(Math.Max(LeastNs, station.Demand + HopNs(clump)) * clump, station.Count))];
        double cycleNs = stations.Sum(station => station.Demand * station.Count);
        double slowestNs = stations.Max(station => station.Demand);
        double visits = stations.Sum(station => station.Count);
        var looks = LooksOf(Math.Max(LeastNs, (work.Sum(station => station.Demand * station.Count) / visits) + _costs.TellNs + _costs.HandleNs));
        bool isShared = _dispatchers > 1 && clump > looks.FirstMessages;
        double network = Queueing.ClosedThroughput(inFlight / clump, 0, stations, load.WorkVariability / clump);
        if (isShared)
            network = Math.Max(network, Math.Min(1 / slowestNs, OverlappingTurns(looks, inFlight * cycleNs / (clump * visits), visits) * inFlight / clump));
        double processors = _dispatchers / cycleNs;
        double clumpRate = Math.Min(network, processors);
        double busy = clumpRate * cycleNs;
        double cycles = clumpRate * clump / CrowdingOf(busy);
        var limit = network > processors ? PerformanceLimit.Dispatchers
            : clumpRate * slowestNs > 0.95 ? PerformanceLimit.Actor
            : PerformanceLimit.MessagesInFlight;
        string bottleneck = limit switch
        {
            PerformanceLimit.Dispatchers => AllBusy(_dispatchers, cycleNs / clump / hopsPerCycle, load.Shape == LoadShape.Ring ? "a hop" : "a message on its way"),
            PerformanceLimit.Actor => DescribeStage(stations, slowestNs, clump),
            _ when isShared => DescribeShares(inFlight, looks, busy),
            _ => DescribeClumps(inFlight, budget, looks, busy),
        };
        return new Prediction(cycles * hopsPerCycle * NsPerSecond, inFlight / (cycles * hopsPerCycle), Utilisation(busy), limit, bottleneck);
    }

    private double ClumpLimit(double workNs) => Math.Clamp(_turnBudgetNs / Math.Max(LeastNs, workNs + HopNs(_turnBudgetMessages)), 1, _turnBudgetMessages);

    // A turn looks between two messages, so an interval is a whole number of them.
    private static Looks LooksOf(double messageNs)
    {
        double messages = Math.Ceiling(TurnClock.ShareEveryNs / messageNs * (1 - RoundingError));
        double first = Math.Max(FirstShareAfterMessages, messages);
        return new Looks(first, first * messageNs, messages * messageNs);
    }

    // How often all messages go round, if the next actor's turn begins before the last one's ends: at its first look, or at the first look
    // after the oldest of the other turns has ended and its dispatcher searches. So as many turns as there are dispatchers begin in
    // what one of them takes, rounded up to a look. If there is a dispatcher for each actor, and all of them have a turn before the
    // first one ends, none ends at all.
    private double OverlappingTurns(Looks looks, double turnNs, double visits)
    {
        double pickUpNs = looks.EachNs < _spinNs ? _costs.PickUpNs : _costs.WakeNs;
        if (visits <= _dispatchers && turnNs > (visits - 1) * (looks.FirstNs + pickUpNs))
            return double.PositiveInfinity;
        double untilFreeNs = looks.EachNs * (Math.Floor(turnNs / looks.EachNs * (1 + RoundingError)) + 1);
        double periodNs = Math.Max(_dispatchers * looks.FirstNs, untilFreeNs) + (_dispatchers * pickUpNs);
        return _dispatchers / (visits * periodNs);
    }

    private static string DescribeStage(Stations[] stations, double slowestNs, double clump)
    {
        int stage = Array.FindIndex(stations, station => station.Demand >= slowestNs) + 1;
        return $"Stage {stage} is never idle: it handles one message at a time, and each takes it {Time(slowestNs / clump)}. Share its work among more actors.";
    }

    private string DescribeShares(double inFlight, Looks looks, double busy)
        => $"{DescribeBusy(inFlight, busy)}: the next actor can begin on another dispatcher after {Time(looks.FirstNs)} of a turn, and a dispatcher that becomes idle waits until a turn "
            + "has taken as long again. More messages in flight would help.";

    private string DescribeClumps(double inFlight, double budget, Looks looks, double busy)
    {
        double together = _dispatchers > 1 ? Math.Min(budget, looks.FirstMessages) : budget;
        return inFlight > budget
            ? $"{DescribeBusy(inFlight, busy)}. More of them would help."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{DescribeBusy(inFlight, busy)}: a turn handles up to {together:0} of them before the next actor gets one, so they move as one. More than {together:0} in flight would use more dispatchers.");
    }

    private string DescribeBusy(double inFlight, double busy)
        => string.Create(CultureInfo.InvariantCulture, $"The {inFlight:0} messages in flight keep {busy:0.0} of {_dispatchers} dispatchers busy");

    // When a turn shares for the first time: after how many messages, and what time; and the time between two looks from then on.
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Looks(double FirstMessages, double FirstNs, double EachNs);
}
