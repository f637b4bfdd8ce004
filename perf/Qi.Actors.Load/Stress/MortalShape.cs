// Receivers that are stopped while messages come. The owner of a receiver knows exactly what it accepted before the stop; a
// bystander that sends to the same receiver knows nothing of it.

namespace Qi.Actors.Load.Stress;

/// <summary>Stops with Drain and Now under traffic, from coroutines and from the thread pool.</summary>
internal sealed class MortalShape<T>(ShapeSetting setting) : Shape(setting)
    where T : IStressMessage<T>
{
    private const int OwnerEdge = 0;
    private const int BystanderEdge = 1;
    private const int Window = 256;

    private static readonly TimeSpan s_endPatience = TimeSpan.FromMinutes(1);

    private long _handledByDead;
    private long _lives;

    public override bool MayLose => true;

    public override long Handled => Volatile.Read(ref _handledByDead) + base.Handled;

    public override void Start(ActorSystem system)
    {
        for (int i = 0; i < 4; i++)
        {
            var slot = new Slot(NewMortal(system, Setting.RandomOptions()));
            int seed = Setting.Random.Next();
            if (i % 2 == 0)
                StartTask(() => OwnOutside(system, slot, new Random(seed)));
            else
                StartCoroutine(system, () => OwnInside(system, slot, new Random(seed)));
            StartTask(() => StandBy(slot));
        }
    }

    public override Task CleanUpAsync() => Task.CompletedTask;

    protected override string Details() => $"; {Volatile.Read(ref _lives):N0} lives";

    private Mortal NewMortal(ActorSystem system, ActorOptions options)
    {
        long life = Interlocked.Increment(ref _lives);
        var receipts = new Receipts(this, $"mortal {life}", 2, isGapless: true);
        return new Mortal(system.Spawn<T>(() => new MortalActor(receipts), options: options), receipts);
    }

    private async Task OwnOutside(ActorSystem system, Slot slot, Random random)
    {
        var outbox = NewOutbox();
        var options = new ActorOptions { Priority = (Priority)random.Next(4) };
        while (true)
        {
            var mortal = slot.Current;
            for (int left = random.Next(0, 2000); left > 0;)
            {
                left -= SendWithinWindow(mortal, outbox, left);
                await Task.Yield();
            }

            var end = Kill(mortal, outbox, random, out var mode, out long accepted);
            await EndAsync(mortal, end, mode, accepted);
            if (IsStopping)
                break;
            slot.Current = NewMortal(system, options);
        }
    }

    private async Coroutine OwnInside(ActorSystem system, Slot slot, Random random)
    {
        var outbox = NewOutbox();
        var options = new ActorOptions { Priority = (Priority)random.Next(4) };
        while (true)
        {
            var mortal = slot.Current;
            for (int left = random.Next(0, 2000); left > 0;)
            {
                left -= SendWithinWindow(mortal, outbox, left);
                await Coroutine.YieldAsync();
            }

            var end = Kill(mortal, outbox, random, out var mode, out long accepted);
            await EndAsync(mortal, end, mode, accepted);
            if (IsStopping)
                break;
            slot.Current = NewMortal(system, options);
        }
    }

    private int SendWithinWindow(Mortal mortal, Outbox outbox, int most)
    {
        int count = (int)Math.Min(most, Window - (mortal.Sent - mortal.Receipts.LastOf(OwnerEdge)));
        for (int i = 0; i < count; i++)
        {
            if (Send(mortal, outbox) != TellStatus.Accepted)
                Violate($"{mortal.Receipts.Name} refused a message before it was stopped");
        }

        return Math.Max(0, count);
    }

    private TellStatus Send(Mortal mortal, Outbox outbox)
    {
        outbox.Begin();
        var status = mortal.Actor.Tell(T.Create(Index, OwnerEdge, ++mortal.Sent));
        outbox.End(status);
        return status;
    }

    private Task Kill(Mortal mortal, Outbox outbox, Random random, out StopMode mode, out long accepted)
    {
        accepted = mortal.Sent;
        mode = random.Next(2) == 0 ? StopMode.Drain : StopMode.Now;
        var end = mortal.Actor.StopAsync(mode);
        for (int i = random.Next(4); i > 0; i--)
        {
            if (Send(mortal, outbox) != TellStatus.Stopped)
                Violate($"{mortal.Receipts.Name} took a message after it was stopped");
        }

        return end;
    }

    private async Task EndAsync(Mortal mortal, Task end, StopMode mode, long accepted)
    {
        try
        {
            await end.WaitAsync(s_endPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Violate($"{mortal.Receipts.Name} ({mortal.Actor.Priority}) did not end with {mode}: handled {mortal.Receipts.LastOf(OwnerEdge)} of {accepted}, is stopped: {mortal.Actor.IsStopped}");
        }

        Bury(mortal, mode, accepted);
    }

    private void Bury(Mortal mortal, StopMode mode, long accepted)
    {
        long last = mortal.Receipts.LastOf(OwnerEdge);
        if (mode == StopMode.Drain && last != accepted)
            Violate($"{mortal.Receipts.Name} handled {last} of {accepted} messages before it ended with a drain");
        if (last > accepted)
            Violate($"{mortal.Receipts.Name} handled message {last} although it accepted {accepted}");
        Interlocked.Add(ref _handledByDead, mortal.Receipts.Handled);
        if (!mortal.Actor.IsStopped)
            Violate($"{mortal.Receipts.Name} is not stopped although StopAsync has ended");
    }

    private async Task StandBy(Slot slot)
    {
        var outbox = NewOutbox();
        Mortal? mortal = null;
        long number = 0;
        while (!IsStopping)
        {
            if (mortal != slot.Current)
            {
                mortal = slot.Current;
                number = 0;
            }

            while (number - mortal.Receipts.LastOf(BystanderEdge) < Window)
            {
                outbox.Begin();
                var status = mortal.Actor.Tell(T.Create(Index, BystanderEdge, ++number));
                outbox.End(status);
                if (status != TellStatus.Accepted)
                    break;
            }

            await Task.Yield();
        }
    }

    private sealed class Slot(Mortal first)
    {
        private Mortal _current = first;

        public Mortal Current
        {
            get => Volatile.Read(ref _current);
            set => Volatile.Write(ref _current, value);
        }
    }

    private sealed record Mortal(ActorRef<T> Actor, Receipts Receipts)
    {
        public long Sent { get; set; }
    }

    private sealed class MortalActor(Receipts receipts) : Actor<T>
    {
        protected override void Receive(T message)
        {
            receipts.Enter();
            receipts.Check(message.Edge, message.Number);
            receipts.Leave();
        }

        protected override void OnStopped() => receipts.End();
    }
}
