namespace Qi.Actors.Load.Stress;

/// <summary>A pattern of traffic that checks itself.</summary>
internal abstract class Shape(ShapeSetting setting)
{
    private readonly List<string> _violations = [];
    private readonly List<Receipts> _receipts = [];
    private readonly List<Outbox> _outboxes = [];
    private readonly Lock _lock = new();
    private bool _isStopping;
    private int _producers;
    private long _deadLetters;

    public ShapeSetting Setting => setting;

    public int Index => setting.Index;

    public string Name => setting.Name;

    public long Quota => setting.Quota;

    /// <summary>True once nobody shall begin anything new.</summary>
    public bool IsStopping => Volatile.Read(ref _isStopping);

    public long DeadLetters => Volatile.Read(ref _deadLetters);

    public int Producers => Volatile.Read(ref _producers);

    public virtual long Handled
    {
        get
        {
            lock (_lock)
                return _receipts.Sum(receipts => receipts.Handled);
        }
    }

    public virtual long Attempts
    {
        get
        {
            lock (_lock)
                return _outboxes.Sum(outbox => outbox.Attempts);
        }
    }

    /// <summary>True if a message may legally not be handled: it was dropped, refused or came to a stopped actor.</summary>
    public virtual bool MayLose => false;

    public abstract void Start(ActorSystem system);

    public void Stop() => Volatile.Write(ref _isStopping, true);

    /// <summary>True if, after a stop, nothing is under way any more.</summary>
    public virtual bool IsQuiet()
    {
        if (Producers > 0)
            return false;
        long settled = Handled + DeadLetters; // Before the attempts: equality then means that nothing is in flight.
        return settled >= Attempts - Sum(outbox => outbox.Refused);
    }

    /// <summary>Ends actors and coroutines.</summary>
    public abstract Task CleanUpAsync();

    /// <summary>The books, once all is quiet.</summary>
    public virtual void Verify()
    {
        long attempts = Attempts;
        long settled = Handled + DeadLetters;
        long refused = Sum(outbox => outbox.Refused);
        long notTaken = Sum(outbox => outbox.Full + outbox.Dropped + outbox.Stopped);
        long accepted = Sum(outbox => outbox.Accepted);
        if (settled > attempts || settled < attempts - refused)
            Violate($"{attempts} sent, but {Handled} handled and {DeadLetters} dead letters ({refused} refused)");
        if (Handled > accepted)
            Violate($"{accepted} accepted, but {Handled} handled");
        if (DeadLetters < notTaken)
            Violate($"{notTaken} not taken, but only {DeadLetters} dead letters");
        if (!MayLose && (settled != Handled || Handled != attempts))
            Violate($"{attempts} sent and {Handled} handled, where nothing may be lost");
    }

    public void Violate(string what)
    {
        lock (_lock)
        {
            if (_violations.Count < 20)
                _violations.Add($"{Name}: {what}");
        }
    }

    public string[] Violations()
    {
        lock (_lock)
            return [.. _violations];
    }

    public void CountDeadLetter() => Interlocked.Increment(ref _deadLetters);

    public string Describe()
        => $"{Setting}: {Attempts:N0} sent, {Handled:N0} handled, {DeadLetters:N0} dead, {Producers} producers at work{Details()}";

    protected virtual string Details() => "";

    protected Receipts NewReceipts(string name, int edges, bool isGapless = true)
    {
        var receipts = new Receipts(this, name, edges, isGapless);
        lock (_lock)
            _receipts.Add(receipts);
        return receipts;
    }

    protected Outbox NewOutbox()
    {
        var outbox = new Outbox();
        lock (_lock)
            _outboxes.Add(outbox);
        return outbox;
    }

    protected void BeginProducer() => Interlocked.Increment(ref _producers);

    protected void EndProducer() => Interlocked.Decrement(ref _producers);

    /// <summary>Runs a producer on a thread of its own, outside of the system.</summary>
    protected void StartThread(Action body)
    {
        BeginProducer();
        new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception e)
            {
                Violate($"a producer failed: {e}");
            }

            EndProducer();
        })
        { IsBackground = true, Name = $"{Name}-producer" }.Start();
    }

    /// <summary>Runs a producer on the thread pool.</summary>
    protected void StartTask(Func<Task> body)
    {
        BeginProducer();
        _ = Task.Run(async () =>
        {
            try
            {
                await body();
            }
            catch (Exception e)
            {
                Violate($"a producer failed: {e}");
            }

            EndProducer();
        });
    }

    /// <summary>Runs a producer as a coroutine.</summary>
    protected void StartCoroutine(ActorSystem system, Func<Coroutine> body)
    {
        BeginProducer();
        _ = system.Spawn(() => Produce(body), setting.RandomPriority());
    }

    private long Sum(Func<Outbox, long> figure)
    {
        lock (_lock)
            return _outboxes.Sum(figure);
    }

    private async Coroutine Produce(Func<Coroutine> body)
    {
        try
        {
            await body();
        }
        catch (Exception e)
        {
            Violate($"a producer failed: {e}");
        }

        EndProducer();
    }
}

/// <summary>What a shape is made with; everything random comes from here.</summary>
internal sealed class ShapeSetting(string name, int index, long quota, int seed)
{
    public string Name => name;

    public int Index => index;

    public long Quota => quota;

    /// <summary>Used while a shape is built, by one thread.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>Mostly Normal, else any lane.</summary>
    public Priority RandomPriority() => Random.Next(3) == 0 ? (Priority)Random.Next(4) : Priority.Normal;

    public ActorOptions RandomOptions(MailboxOptions? mailbox = null)
        => new() { Priority = RandomPriority(), Mailbox = mailbox ?? MailboxOptions.Unbounded };

    public override string ToString() => $"{name}#{index}";
}
