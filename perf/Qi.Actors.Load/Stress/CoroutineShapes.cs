namespace Qi.Actors.Load.Stress;

/// <summary>A shape that counts its own steps instead of messages with edges.</summary>
internal abstract class SteppingShape(ShapeSetting setting) : Shape(setting)
{
    private readonly List<Steps> _steps = [];
    private readonly Lock _lock = new();

    public override long Handled
    {
        get
        {
            lock (_lock)
                return _steps.Sum(steps => steps.Done);
        }
    }

    public override long Attempts => Handled;

    public override bool IsQuiet() => Producers == 0;

    public override Task CleanUpAsync() => Task.CompletedTask;

    // Nothing is counted twice here: the steps check themselves.
    public override void Verify()
    {
    }

    protected Steps NewSteps()
    {
        var steps = new Steps();
        lock (_lock)
            _steps.Add(steps);
        return steps;
    }

    /// <summary>A counter with one writer.</summary>
    protected sealed class Steps
    {
        private long _done;

        public long Done => Volatile.Read(ref _done);

        public void Count(long steps = 1) => Volatile.Write(ref _done, _done + steps);
    }
}

/// <summary>Asks from coroutines and tasks; some have so little time that they may fail, and only then.</summary>
internal sealed class AskShape(ShapeSetting setting) : SteppingShape(setting)
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(1);

    private readonly List<ActorRef<Question>> _responders = [];

    public override bool MayLose => true;

    public override void Start(ActorSystem system)
    {
        for (int i = 0; i < 3; i++)
            _responders.Add(system.Spawn<Question>(static question => question.ReplyTo.Tell(question.Number * 2), options: Setting.RandomOptions()));
        for (int i = 0; i < 6; i++)
        {
            int seed = Setting.Random.Next();
            var responder = _responders[i % _responders.Count];
            if (i < 4)
                StartCoroutine(system, () => AskInside(responder, new Random(seed)));
            else
                StartTask(() => AskOutside(responder, new Random(seed)));
        }
    }

    public override async Task CleanUpAsync()
    {
        foreach (var responder in _responders)
            await responder.StopAsync();
    }

    private async Coroutine AskInside(ActorRef<Question> responder, Random random)
    {
        var steps = NewSteps();
        for (long number = 1; !IsStopping; number++)
        {
            bool isShort = random.Next(64) == 0;
            try
            {
                Check(number, await responder.AskAsync<long>(reply => new Question(reply, number), isShort ? s_short : s_long));
            }
            catch (AskTimeoutException) when (isShort)
            {
            }

            steps.Count();
        }
    }

    private async Task AskOutside(ActorRef<Question> responder, Random random)
    {
        var steps = NewSteps();
        for (long number = 1; !IsStopping; number++)
        {
            bool isShort = random.Next(64) == 0;
            try
            {
                Check(number, await responder.AskAsync<long>(reply => new Question(reply, number), isShort ? s_short : s_long));
            }
            catch (AskTimeoutException) when (isShort)
            {
            }

            steps.Count();
        }
    }

    private void Check(long number, long reply)
    {
        if (reply != number * 2)
            Violate($"question {number} was answered with {reply}");
    }

    private readonly record struct Question(ReplyTo<long> ReplyTo, long Number);
}

/// <summary>Rings of coroutines that suspend and resume each other: one lost resume, and a ring stands still.</summary>
internal sealed class ResumeShape(ShapeSetting setting) : SteppingShape(setting)
{
    private readonly List<JoinHandle> _coroutines = [];

    public override bool IsQuiet() => _coroutines.All(coroutine => coroutine.IsDone || coroutine.State == CoroutineState.Waiting);

    public override async Task CleanUpAsync()
    {
        foreach (var coroutine in _coroutines)
            coroutine.Resume();
        foreach (var coroutine in _coroutines)
            await coroutine;
    }

    public override void Start(ActorSystem system)
    {
        for (int ring = 0; ring < 4; ring++)
        {
            var handles = new JoinHandle[Setting.Random.Next(2, 20)];
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            for (int i = 0; i < handles.Length; i++)
            {
                int next = (i + 1) % handles.Length;
                handles[i] = system.Spawn(() => Pass(gate.Task, handles, next), Setting.RandomPriority());
                _coroutines.Add(handles[i]);
            }

            gate.SetResult();
            handles[0].Resume();
        }
    }

    private async Coroutine Pass(Task gate, JoinHandle[] handles, int next)
    {
        await gate;
        var steps = NewSteps();
        while (!IsStopping)
        {
            await Coroutine.SuspendAsync();
            handles[next].Resume();
            steps.Count();
        }
    }
}

/// <summary>Trees of coroutines that spawn and join, beside coroutines that sleep for a millisecond or yield.</summary>
internal sealed class SpawnShape(ShapeSetting setting) : SteppingShape(setting)
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(1);

    public override void Start(ActorSystem system)
    {
        StartCoroutine(system, () => Grow(system));
        StartTask(() => GrowOutside(system));
        for (int i = 0; i < 50; i++)
            StartCoroutine(system, Sleep);
    }

    private static async Coroutine<long> Tree(ActorSystem system, int depth)
    {
        if (depth == 0)
            return 1;
        if (depth % 3 == 0)
            await Coroutine.YieldAsync();
        var left = system.Spawn(Tree(system, depth - 1));
        var right = system.Spawn(Tree(system, depth - 1));
        return await left + await right + await Leaf();
    }

    private static async Coroutine<long> Leaf()
    {
        await Coroutine.YieldAsync();
        return 1;
    }

    private async Coroutine Grow(ActorSystem system)
    {
        var steps = NewSteps();
        for (int depth = 0; !IsStopping; depth = (depth + 1) % 11)
            steps.Count(Check(await system.Spawn(Tree(system, depth)), depth));
    }

    private async Task GrowOutside(ActorSystem system)
    {
        var steps = NewSteps();
        for (int depth = 0; !IsStopping; depth = (depth + 1) % 11)
            steps.Count(Check(await system.Spawn(Tree(system, depth)), depth));
    }

    private long Check(long size, int depth)
    {
        if (size != (2L << depth) - 1)
            Violate($"a tree of depth {depth} has {size} nodes");
        return size;
    }

    private async Coroutine Sleep()
    {
        var steps = NewSteps();
        while (!IsStopping)
        {
            await Coroutine.DelayAsync(s_delay);
            steps.Count();
        }
    }
}
