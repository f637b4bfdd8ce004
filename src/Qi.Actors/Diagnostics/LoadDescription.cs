// A load, as far as the model needs to know it. Closed loads have a fixed number of messages that never leave; open ones have arrivals
// that do not wait for anybody. Every value is checked where it is set, so that a load that exists makes sense.

namespace Qi.Actors.Diagnostics;

/// <summary>A load to predict: who works, what for, and how many messages there are.</summary>
/// <remarks><b>Threads</b>: immutable. Make one by its factories; change details by <c>with</c>.</remarks>
public sealed record LoadDescription
{
    private const int MaxParties = 100_000_000;

    private LoadDescription(LoadShape shape, int parties, IReadOnlyList<TimeSpan> work)
    {
        Shape = shape;
        Parties = parties;
        Work = work;
    }

    /// <summary>How the parties are connected.</summary>
    public LoadShape Shape { get; }

    /// <summary>Stages, clients, senders, actors or tasks: what the shape counts.</summary>
    public int Parties { get; }

    /// <summary>What a handler computes for a message, besides the runtime's own costs: one value for each stage of a pipeline, one otherwise.</summary>
    public IReadOnlyList<TimeSpan> Work { get; }

    /// <summary>Messages that are under way at any time, in a closed pipeline or ring; 0 in other loads.</summary>
    public int MessagesInFlight { get; private init; }

    /// <summary>Arrivals a second, in an open load; 0 in a closed one.</summary>
    public double ArrivalsPerSecond { get; private init; }

    /// <summary>What a client or sender computes for each message. Default zero.</summary>
    public TimeSpan PartyWork { get; init => field = RequireWork(value); }

    /// <summary>How uneven the work is: variance divided by the square of the mean. Default 0: always the same; 1: exponential.</summary>
    public double WorkVariability { get; init => field = RequireVariability(value); }

    /// <summary>How uneven the gaps between arrivals are: variance divided by the square of the mean. Default 1: Poisson; 0: a clock.</summary>
    public double ArrivalVariability { get; init => field = RequireVariability(value); } = 1;

    /// <summary>How often a task yields before it ends. Default 0.</summary>
    public int YieldsPerTask
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>A closed pipeline: what leaves the last stage lets the next message into the first.</summary>
    /// <param name="messagesInFlight">How many messages are in it. At least 1.</param>
    /// <param name="stageWork">What each stage computes for a message.</param>
    public static LoadDescription Pipeline(int messagesInFlight, params IReadOnlyList<TimeSpan> stageWork)
        => new(LoadShape.Pipeline, RequireStages(stageWork).Count, [.. stageWork]) { MessagesInFlight = RequireParties(messagesInFlight) };

    /// <summary>Messages that go round a ring of actors for ever.</summary>
    /// <param name="actors">At least 1.</param>
    /// <param name="messagesInFlight">At least 1.</param>
    /// <param name="work">What an actor computes for a message.</param>
    public static LoadDescription Ring(int actors, int messagesInFlight, TimeSpan work)
        => new(LoadShape.Ring, RequireParties(actors), [RequireWork(work)]) { MessagesInFlight = RequireParties(messagesInFlight) };

    /// <summary>Clients that ask one actor and wait for each reply before their next question.</summary>
    /// <param name="clients">At least 1.</param>
    /// <param name="work">What the actor computes for a reply.</param>
    public static LoadDescription RequestReply(int clients, TimeSpan work)
        => new(LoadShape.RequestReply, RequireParties(clients), [RequireWork(work)]);

    /// <summary>Senders that tell one actor as fast as they can.</summary>
    /// <param name="senders">At least 1.</param>
    /// <param name="work">What the actor computes for a message.</param>
    public static LoadDescription FanIn(int senders, TimeSpan work)
        => new(LoadShape.FanIn, RequireParties(senders), [RequireWork(work)]);

    /// <summary>A coroutine that spawns tasks and joins them all, again and again.</summary>
    /// <param name="tasks">How many it spawns before it joins them. At least 1.</param>
    /// <param name="work">What a task computes.</param>
    public static LoadDescription ForkJoin(int tasks, TimeSpan work)
        => new(LoadShape.ForkJoin, RequireParties(tasks), [RequireWork(work)]);

    /// <summary>Messages that arrive from outside at a given rate, spread evenly over actors that know nothing of each other.</summary>
    /// <param name="arrivalsPerSecond">More than zero, for all actors together.</param>
    /// <param name="actors">At least 1.</param>
    /// <param name="work">What an actor computes for a message.</param>
    public static LoadDescription Arrivals(double arrivalsPerSecond, int actors, TimeSpan work)
        => new(LoadShape.Arrivals, RequireParties(actors), [RequireWork(work)]) { ArrivalsPerSecond = RequireRate(arrivalsPerSecond) };

    /// <summary>Messages that arrive from outside at a given rate and pass through a pipeline.</summary>
    /// <param name="arrivalsPerSecond">More than zero.</param>
    /// <param name="stageWork">What each stage computes for a message.</param>
    public static LoadDescription ArrivalsAtPipeline(double arrivalsPerSecond, params IReadOnlyList<TimeSpan> stageWork)
        => new(LoadShape.ArrivalsAtPipeline, RequireStages(stageWork).Count, [.. stageWork]) { ArrivalsPerSecond = RequireRate(arrivalsPerSecond) };

    private static IReadOnlyList<TimeSpan> RequireStages(IReadOnlyList<TimeSpan> stageWork)
    {
        ArgumentNullException.ThrowIfNull(stageWork);
        if (stageWork.Count == 0)
            throw new ArgumentException("A pipeline has at least one stage. Give the work of each.", nameof(stageWork));
        foreach (var work in stageWork)
            RequireWork(work);
        return stageWork;
    }

    private static TimeSpan RequireWork(TimeSpan work)
        => work >= TimeSpan.Zero
            ? work
            : throw new ArgumentOutOfRangeException(nameof(work), work, "Work takes time: give zero or more.");

    private static int RequireParties(int count)
        => count is >= 1 and <= MaxParties
            ? count
            : throw new ArgumentOutOfRangeException(nameof(count), count, $"Give 1 to {MaxParties:N0} parties or messages.");

    private static double RequireRate(double rate)
        => double.IsFinite(rate) && rate > 0
            ? rate
            : throw new ArgumentOutOfRangeException(nameof(rate), rate, "Give a finite rate above zero, in arrivals a second.");

    private static double RequireVariability(double variability)
        => double.IsFinite(variability) && variability >= 0
            ? variability
            : throw new ArgumentOutOfRangeException(nameof(variability), variability, "Give variance divided by the square of the mean: 0 for no variation, 1 for exponential.");
}

/// <summary>How the parties of a load are connected.</summary>
public enum LoadShape
{
    /// <summary>Stages one after the other, closed. Counted: messages that leave the last stage.</summary>
    Pipeline,

    /// <summary>A ring of equal actors, closed. Counted: hops.</summary>
    Ring,

    /// <summary>Clients and one actor that replies. Counted: replies.</summary>
    RequestReply,

    /// <summary>Senders and one actor. Counted: messages that it has handled.</summary>
    FanIn,

    /// <summary>Tasks that are spawned and joined. Counted: tasks; the latency is that of joining all of them.</summary>
    ForkJoin,

    /// <summary>Arrivals at independent actors. Counted: messages handled.</summary>
    Arrivals,

    /// <summary>Arrivals at a pipeline. Counted: messages that leave the last stage.</summary>
    ArrivalsAtPipeline,
}
