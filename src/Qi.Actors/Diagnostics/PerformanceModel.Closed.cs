using System.Globalization;

namespace Qi.Actors.Diagnostics;

public sealed partial class PerformanceModel
{
    // One station, the actor that replies; the client's side waits for nobody but a dispatcher.
    private Prediction PredictRequestReply(LoadDescription load)
    {
        double clients = load.Parties;
        double serverNs = Math.Max(LeastNs, WorkNs(load) + (_costs.AskNs / 2));
        double clientNs = load.PartyWork.TotalNanoseconds + (_costs.AskNs / 2) + (clients > 1 ? StolenShareNs : 0);
        double demandNs = serverNs + clientNs;
        double network = Queueing.ClosedThroughput(clients, clientNs, [new Stations(serverNs, 1)], load.WorkVariability);
        double processors = _dispatchers / demandNs;
        double rate = Math.Min(network, processors);
        double busy = rate * demandNs;
        rate /= CrowdingOf(busy);
        var limit = network > processors ? PerformanceLimit.Dispatchers
            : network * serverNs > 0.95 ? PerformanceLimit.Actor
            : PerformanceLimit.MessagesInFlight;
        string bottleneck = limit switch
        {
            PerformanceLimit.Dispatchers => AllBusy(_dispatchers, demandNs, "a question and its reply"),
            PerformanceLimit.Actor => $"The actor that replies is never idle: each reply takes it {Time(serverNs)}. Share its work among more actors.",
            _ => string.Create(CultureInfo.InvariantCulture, $"The {clients:0} clients wait for each other's replies {Share(1 - (network * serverNs))} of the time too little: more of them would keep the actor busy."),
        };
        double latencyNs = Math.Max(0, (clients / rate) - load.PartyWork.TotalNanoseconds);
        return new Prediction(rate * NsPerSecond, latencyNs, Utilisation(busy), limit, bottleneck);
    }

    // A run item that another dispatcher made runnable: all but one of the dispatchers have stolen theirs.
    private double StolenShareNs => _costs.StealNs * (_dispatchers - 1) / _dispatchers;

    private Prediction PredictFanIn(LoadDescription load)
    {
        double sendNs = Math.Max(LeastNs, load.PartyWork.TotalNanoseconds + _costs.TellNs);
        double handleNs = WorkNs(load) + (_dispatchers == 1 ? _costs.HandleNs : Math.Max(_costs.HandleNs, _costs.RemoteNs));
        handleNs = Math.Max(LeastNs, handleNs);
        double actor = 1 / handleNs;
        double senders = Math.Min(load.Parties, _dispatchers) / sendNs;
        double processors = _dispatchers / (sendNs + handleNs);
        double rate = Math.Min(processors, Math.Min(actor, senders));
        double busy = rate * (sendNs + handleNs);
        var limit = rate >= actor ? PerformanceLimit.Actor : rate >= senders ? PerformanceLimit.Senders : PerformanceLimit.Dispatchers;
        string bottleneck = limit switch
        {
            PerformanceLimit.Actor => $"The actor is never idle: each message takes it {Time(handleNs)}, and the senders could send one every {Time(1 / senders)}, so that its mailbox grows. "
                + "Bound it with MailboxOptions.Bounded, or share its work among more actors.",
            PerformanceLimit.Senders => $"The senders send a message every {Time(1 / senders)}, and the actor needs {Time(handleNs)} for each.",
            _ => AllBusy(_dispatchers, sendNs + handleNs, "sending and handling a message"),
        };
        rate /= CrowdingOf(busy);
        double latencyNs = limit == PerformanceLimit.Senders
            ? handleNs + Queueing.MeanWait(1, rate, handleNs, load.ArrivalVariability, load.WorkVariability)
            : double.PositiveInfinity;
        return new Prediction(rate * NsPerSecond, latencyNs, Utilisation(busy), limit, bottleneck);
    }

    // The last dispatcher to end is behind the others by half of a task's time on the average, and those that had nothing to do pick up
    // work: if that takes longer than doing it, it is done before they come.
    private Prediction PredictForkJoin(LoadDescription load)
    {
        double tasks = load.Parties;
        double ownNs = WorkNs(load) + (load.YieldsPerTask * _costs.YieldNs);
        double taskNs = Math.Max(LeastNs, ownNs + _costs.SpawnNs + _costs.JoinNs);
        double sharedNs = tasks * taskNs;
        double helpers = Math.Min(_dispatchers, tasks);
        double unevenNs = 0;
        if (helpers > 1)
        {
            unevenNs = (ownNs * (helpers - 1) / helpers) + _costs.PickUpNs;
            double stolenNs = taskNs + StolenShareNs;
            if ((tasks * stolenNs / helpers) + unevenNs < sharedNs)
                (taskNs, sharedNs) = (stolenNs, (tasks * stolenNs / helpers) + unevenNs);
            else
                helpers = 1;
        }

        double serialNs = (tasks * _costs.SpawnNs) + ownNs;
        double busy = tasks * taskNs / Math.Max(sharedNs, serialNs);
        double joinNs = Math.Max(sharedNs, serialNs) * CrowdingOf(busy);
        var limit = serialNs > sharedNs ? PerformanceLimit.Senders
            : tasks * taskNs / helpers < 4 * unevenNs || helpers < _dispatchers ? PerformanceLimit.MessagesInFlight
            : PerformanceLimit.Dispatchers;
        string bottleneck = limit switch
        {
            PerformanceLimit.Senders => $"One coroutine spawns all tasks, and each takes it {Time(_costs.SpawnNs)}. Spawn from several, as a tree.",
            PerformanceLimit.MessagesInFlight => string.Create(CultureInfo.InvariantCulture, $"The {tasks:0} tasks are too few to share them evenly among {_dispatchers} dispatchers. Spawn more before joining."),
            _ => AllBusy(_dispatchers, taskNs, "a task"),
        };
        return new Prediction(tasks / joinNs * NsPerSecond, joinNs, Utilisation(busy), limit, bottleneck);
    }
}
