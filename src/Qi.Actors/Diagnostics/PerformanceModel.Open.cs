namespace Qi.Actors.Diagnostics;

public sealed partial class PerformanceModel
{
    // Each actor is a queue with one server, all of them together one with a server for each dispatcher: the worse of both counts.
    private Prediction PredictArrivals(LoadDescription load)
    {
        double serviceNs = Math.Max(LeastNs, WorkNs(load) + _costs.HandleNs + _costs.TurnNs);
        double rate = load.ArrivalsPerSecond / NsPerSecond;
        double actors = load.Parties;
        serviceNs *= CrowdingOf(rate * serviceNs);
        int servers = (int)Math.Min(_dispatchers, actors);

        // Arrivals that are dealt out to actors at random come to each of them with a variability nearer to that of a Poisson process.
        double dealtVariability = 1 + ((load.ArrivalVariability - 1) / actors);
        double dispatcherWaitNs = Queueing.MeanWait(servers, rate, serviceNs, load.ArrivalVariability, load.WorkVariability);
        double actorWaitNs = Queueing.MeanWait(1, rate / actors, serviceNs, dealtVariability, load.WorkVariability);
        double waitNs = Math.Max(dispatcherWaitNs, actorWaitNs);
        double capacity = Math.Min(_dispatchers, actors) / serviceNs;
        double demandNs = serviceNs;
        return Open(rate, capacity, waitNs + serviceNs, servers, demandNs, actors < _dispatchers ? "Each actor" : null);
    }

    // A dispatcher that runs all stages is one server with the sum of their times. With more, each stage is a queue of its own, and again
    // the worse of both counts.
    private Prediction PredictArrivalsAtPipeline(LoadDescription load)
    {
        double rate = load.ArrivalsPerSecond / NsPerSecond;
        double hopNs = HopNs(1);
        double busyNs = load.Work.Sum(work => work.TotalNanoseconds + hopNs);
        double crowding = CrowdingOf(rate * busyNs);
        double[] stages = [.. load.Work.Select(work => Math.Max(LeastNs, work.TotalNanoseconds + hopNs) * crowding)];
        double demandNs = stages.Sum();
        double slowestNs = stages.Max();
        int servers = Math.Min(_dispatchers, stages.Length);
        double stageVariability = load.WorkVariability * stages.Sum(stage => stage * stage) / (demandNs * demandNs);
        double dispatcherWaitNs = Queueing.MeanWait(servers, rate, demandNs, load.ArrivalVariability, stageVariability);
        double stageWaitNs = stages.Sum(stage => Queueing.MeanWait(1, rate, stage, load.ArrivalVariability, load.WorkVariability));
        double capacity = Math.Min(1 / slowestNs, _dispatchers / demandNs);
        string? actor = 1 / slowestNs < _dispatchers / demandNs ? $"Stage {Array.IndexOf(stages, slowestNs) + 1}" : null;
        return Open(rate, capacity, Math.Max(dispatcherWaitNs, stageWaitNs) + demandNs, servers, demandNs, actor);
    }

    private Prediction Open(double rate, double capacity, double latencyNs, int servers, double demandNs, string? slowActor)
    {
        double share = rate / capacity;
        double busy = Math.Min(rate, capacity) * demandNs;
        if (share >= 1)
        {
            string remedy = slowActor is null
                ? "All dispatchers are busy: use more cores, or do less for each message."
                : $"{slowActor} is never idle, and handles one message at a time: share the work among more actors.";
            return new Prediction(
                capacity * NsPerSecond,
                double.PositiveInfinity,
                Utilisation(busy),
                slowActor is null ? PerformanceLimit.Dispatchers : PerformanceLimit.Actor,
                $"{Rate(rate * NsPerSecond)} arrive, and {Rate(capacity * NsPerSecond)} can be done: mailboxes grow without end. {remedy}");
        }

        return new Prediction(
            rate * NsPerSecond,
            latencyNs + SetUpNs(rate, servers, demandNs),
            Utilisation(busy),
            PerformanceLimit.Arrivals,
            $"What arrives is done: it is {Share(share)} of the {Rate(capacity * NsPerSecond)} at which {(slowActor is null ? "all dispatchers" : char.ToLowerInvariant(slowActor[0]) + slowActor[1..])} would be busy.");
    }

    // The first arrival after a pause waits until a searching dispatcher has seen it or a parked one has woken up, and those behind it
    // wait with it. A pause is exponential, and after the spin time everyone is parked.
    private double SetUpNs(double rate, int servers, double serviceNs)
    {
        double parked = Math.Exp(-rate * _spinNs);
        double meanNs = (parked * _costs.WakeNs) + ((1 - parked) * _costs.PickUpNs);
        double square = (parked * _costs.WakeNs * _costs.WakeNs) + ((1 - parked) * _costs.PickUpNs * _costs.PickUpNs);
        return servers == 1
            ? Queueing.SetUpWait(rate, meanNs, square)
            : (1 - Queueing.ErlangC(servers, Math.Min(rate * serviceNs, servers * 0.999999))) * meanNs;
    }
}
