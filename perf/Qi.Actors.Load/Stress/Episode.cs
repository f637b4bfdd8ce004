// One episode: a system with options of its own, all shapes at once until each has had its share, then rest, the books, the end.

using System.Diagnostics;

namespace Qi.Actors.Load.Stress;

/// <summary>One round of the stress run.</summary>
internal sealed class Episode(int number, long messages, string[] shapeNames, int seed, TimeSpan patience, string? systemName = null)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(20);

    private readonly List<string> _violations = [];
    private Shape[] _shapes = [];
    private long _strangeLetters;

    public long Handled { get; private set; }

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>True if something stood still: the episode was given up.</summary>
    public bool HasHung { get; private set; }

    public string Description { get; private set; } = "";

    public void Run(Action<long, string> progress)
    {
        var random = new Random(seed);
        var options = RandomOptions(random);
        _shapes = ShapeCatalogue.Create(shapeNames, messages, random);
        Description = $"{options.WorkerThreads} dispatchers, rings of {options.QueueCapacity}, turns of {options.TurnBudgetMessages}, stealing {(options.EnableWorkStealing ? "on" : "off")}";
        var system = new ActorSystem(options);
        system.DeadLetters.Observed += OnDeadLetter;
        foreach (var shape in _shapes)
            shape.Start(system);
        Watch(system, shape => shape.Handled >= shape.Quota, shape => shape.Stop(), progress);
        if (!HasHung)
            Watch(system, shape => shape.IsQuiet(), static _ => { }, progress);
        Handled = _shapes.Sum(shape => shape.Handled);
        if (!HasHung)
            End(system);
        system.DeadLetters.Observed -= OnDeadLetter;
        _violations.AddRange(_shapes.SelectMany(shape => shape.Violations()));
    }

    private QiActorsOptions RandomOptions(Random random)
    {
        var options = new QiActorsOptions { Name = systemName ?? $"stress{number}", WorkerThreads = random.Next(4) switch { 0 => 1, 1 => 3, _ => 2 } };
        if (random.Next(3) != 0)
            return options;
        options.QueueCapacity = 1 << random.Next(2, 11);
        options.TurnBudgetMessages = random.Next(1, 200);
        options.EnableWorkStealing = random.Next(4) != 0;
        options.SpinTime = TimeSpan.FromMicroseconds(random.Next(0, 60));
        return options;
    }

    // Waits until every shape is there, and gives up when one that is not stands still.
    private void Watch(ActorSystem system, Func<Shape, bool> isThere, Action<Shape> arrived, Action<long, string> progress)
    {
        var open = _shapes.ToDictionary(shape => shape, _ => (Seen: -1L, At: Stopwatch.GetTimestamp()));
        while (open.Count > 0)
        {
            Thread.Sleep(s_look);
            foreach (var shape in open.Keys.ToArray())
            {
                if (isThere(shape))
                {
                    arrived(shape);
                    open.Remove(shape);
                    continue;
                }

                long seen = shape.Handled + shape.DeadLetters;
                if (seen != open[shape].Seen)
                    open[shape] = (seen, Stopwatch.GetTimestamp());
                else if (IsHopeless(system, Stopwatch.GetElapsedTime(open[shape].At)))
                    GiveUp(system, shape);
            }

            if (HasHung)
                return;
            progress(_shapes.Sum(shape => shape.Handled), string.Join(", ", open.Keys.Select(shape => shape.Name)));
        }
    }

    // While others work, a shape of Low priority may have to wait; in a system at rest nothing will come any more.
    private bool IsHopeless(ActorSystem system, TimeSpan still)
        => still > patience && (system.Statistics.QueuedTasks == 0 || still > patience * 5);

    private void GiveUp(ActorSystem system, Shape shape)
    {
        HasHung = true;
        _violations.Add($"{shape.Name} stands still for {patience.TotalSeconds:0} s, {(shape.IsStopping ? "coming to rest" : "at work")}. {shape.Describe()}. {system.Statistics}");
    }

    private void End(ActorSystem system)
    {
        foreach (var shape in _shapes)
        {
            shape.Verify();
            if (!shape.CleanUpAsync().Wait(s_shutdown))
                shape.Violate($"its actors and coroutines did not end within {s_shutdown.TotalSeconds:0} s");
        }

        if (_strangeLetters > 0)
            _violations.Add($"{_strangeLetters} dead letters of no shape");
        var stop = system.StopAsync(StopMode.Drain, s_shutdown);
        if (!stop.Wait(s_shutdown * 2))
            _violations.Add("the system did not stop");
        else if (!stop.Result.IsComplete)
            _violations.Add($"the system stopped with rests: {stop.Result}");
        var statistics = system.Statistics;
        if (statistics.Actors != 0 || statistics.ActiveTasks != 0)
            _violations.Add($"after the stop there are {statistics.Actors} actors and {statistics.ActiveTasks} coroutines");
    }

    private void OnDeadLetter(DeadLetter letter)
    {
        if (letter.Message is IStressMessage message)
            _shapes[message.Shape].CountDeadLetter();
        else if (letter.Reason != DeadLetterReason.LateReply)
            Interlocked.Increment(ref _strangeLetters);
    }
}
