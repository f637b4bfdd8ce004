// One model serves all four modes: messages, reserved places, the line, and whether the owner has been poked.

using System.Threading.Tasks.Dataflow;

using FsCheck;

using Qi.Actors.Mailboxes;
using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Properties.Tests.Mailboxes;

/// <summary>A bounded queue and the line of those who wait for room, against a queue and a list.</summary>
internal sealed class BoundedQueueProperties
{
    private const int Sources = 3;

    private static readonly Gen<Step<Queues>> s_plainSteps = Steps.Of(
        (5, Steps.Just<Queues>(new Enqueue())),
        (4, Steps.Just<Queues>(new Dequeue())));

    private static readonly Gen<Step<Queues>> s_reservingSteps = Steps.Of(
        (9, s_plainSteps),
        (3, Steps.Just<Queues>(new Reserve())),
        (2, Steps.Just<Queues>(new Fill())),
        (2, Steps.Just<Queues>(new GiveBack())));

    private static readonly Gen<Step<Queues>> s_waitingSteps = Steps.Of(
        (16, s_reservingSteps),
        (4, Steps.Just<Queues>(new EnqueueOrWait())),
        (3, Steps.With<Queues>(Sources - 1, static source => new Offer(source))),
        (2, Steps.Just<Queues>(new Probe())),
        (2, Steps.With<Queues>(3, static index => new Leave(index))),
        (4, Steps.Just<Queues>(new ServeNext())),
        (1, Steps.With<Queues>(7, static luck => new RefuseAll(luck))));

    [Test]
    public void Messages_AtRandom_MatchTheModel([Values(1, 3)] int capacity, [Values] MailboxFullMode mode) => Programs.Check(
        () => new Queues(capacity, mode),
        mode switch { MailboxFullMode.Wait => s_waitingSteps, MailboxFullMode.Reject => s_reservingSteps, _ => s_plainSteps },
        runs: 2_000);

    private sealed class Queues(int capacity, MailboxFullMode mode)
    {
        private readonly Queue<int> _messages = new();
        private readonly ManualSource<int>[] _sources = [.. Enumerable.Range(0, Sources).Select(source => new ManualSource<int>(source))];
        private readonly ITargetBlock<int> _target = new BufferBlock<int>();
        private int _lastNumber;
        private int _lastHeader;
        private int _reserved;
        private bool _isSignalled;

        public BoundedQueue<int> Queue { get; } = new(capacity, mode);

        /// <summary>Those in line, and the header of a postponed offer.</summary>
        public List<(RoomWaiter<int> Waiter, int Source, int Header)> Line { get; private set; } = [];

        private bool HasRoom => _messages.Count + _reserved < capacity && Line.Count == 0;

        public void Enqueue()
        {
            int number = ++_lastNumber;
            var expected = HasRoom ? EnqueueResult.Accepted : mode switch
            {
                MailboxFullMode.DropNewest => EnqueueResult.Dropped,
                MailboxFullMode.DropOldest => EnqueueResult.AcceptedEvicting,
                _ => EnqueueResult.Full,
            };
            Expect.Equal(Queue.Enqueue(number, out bool mustSignal, out int evicted), expected);
            Expect.Equal(evicted, expected == EnqueueResult.AcceptedEvicting ? _messages.Dequeue() : 0);
            ExpectSignal(mustSignal, expected is EnqueueResult.Accepted or EnqueueResult.AcceptedEvicting);
            if (expected is EnqueueResult.Accepted or EnqueueResult.AcceptedEvicting)
                _messages.Enqueue(number);
            Verify();
        }

        public void Dequeue()
        {
            bool isThere = _messages.TryDequeue(out int expected);
            Expect.Equal(Queue.TryDequeue(out int message), isThere);
            if (isThere)
                Expect.Equal(message, expected);
            else
                _isSignalled = false;
            Verify();
        }

        public void Reserve()
        {
            Expect.Equal(Queue.TryReserve(), HasRoom);
            _reserved += HasRoom ? 1 : 0;
        }

        public void Fill()
        {
            if (_reserved == 0)
                return;
            ExpectSignal(Queue.FillReserved(++_lastNumber), isGiven: true);
            _reserved--;
            _messages.Enqueue(_lastNumber);
            Verify();
        }

        public void GiveBack()
        {
            if (_reserved == 0)
                return;
            ExpectSignal(Queue.ReleaseReserved(), isGiven: Line.Count > 0);
            _reserved--;
        }

        public void EnqueueOrWait()
        {
            int number = ++_lastNumber;
            var waiter = new Waiter(number);
            bool fits = HasRoom;
            Expect.Equal(Queue.Room!.EnqueueOrWait(number, waiter, out bool mustSignal), fits);
            ExpectSignal(mustSignal, fits);
            if (fits)
                _messages.Enqueue(number);
            else
                Line.Add((waiter, -1, 0));
            Verify();
        }

        public void Offer(int source)
        {
            bool fits = HasRoom;
            int header = ++_lastHeader;
            var postponed = Queue.Room!.ReserveOrPostpone(new DataflowMessageHeader(header), _sources[source], _target);
            Expect.Equal(postponed is null, fits, "a place was reserved");
            if (postponed is null)
            {
                _reserved++;
                return;
            }

            int place = Line.FindIndex(waiting => waiting.Source == source);
            if (place < 0)
                Line.Add((postponed, source, header));
            else
                Line[place] = (Line[place].Waiter, source, header);
            Expect.Equal(postponed, Line.Find(waiting => waiting.Source == source).Waiter, "the place of the source");
            Expect.Equal(postponed.Header.Id, header);
        }

        public void Probe()
        {
            var waiter = new Waiter(0);
            Expect.Equal(Queue.Room!.HasRoomOrJoin(waiter), HasRoom);
            if (!HasRoom)
                Line.Add((waiter, -1, 0));
        }

        public void Leave(int index)
        {
            if (Line.Count == 0)
                return;
            var leaving = Line[index % Line.Count].Waiter;
            Expect.Equal(Queue.Room!.TryLeave(leaving), true);
            Expect.Equal(Queue.Room!.TryLeave(leaving), false, "leaving twice");
            Line.RemoveAt(index % Line.Count);
        }

        public void ServeNext()
        {
            bool isServed = Line.Count > 0 && _messages.Count + _reserved < capacity;
            var next = Queue.Room!.TakeNext();
            Expect.Equal(next, isServed ? Line[0].Waiter : null);
            if (!isServed)
                return;
            Expect.Equal(Queue.Room!.TryLeave(next!), false, "leaving after being served");
            Line.RemoveAt(0);
            _reserved++;
        }

        public void RefuseAll()
        {
            Expect.Sequence(Queue.Room!.TakeAll(), Line.Select(waiting => waiting.Waiter), "all in line");
            Line = [];
        }

        private void ExpectSignal(bool mustSignal, bool isGiven)
        {
            Expect.Equal(mustSignal, isGiven && !_isSignalled);
            _isSignalled |= isGiven;
        }

        private void Verify() => Expect.Equal(Queue.Count, _messages.Count);
    }

    private sealed class Waiter(int number) : RoomWaiter<int>
    {
        public override bool TryTake(out int message)
        {
            message = number;
            return true;
        }

        public override void Accepted()
        {
        }

        public override void Refused()
        {
        }
    }

    private sealed record Enqueue : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Enqueue();
    }

    private sealed record Dequeue : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Dequeue();
    }

    private sealed record Reserve : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Reserve();
    }

    private sealed record Fill : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Fill();
    }

    private sealed record GiveBack : Step<Queues>
    {
        public override void Run(Queues subject) => subject.GiveBack();
    }

    private sealed record EnqueueOrWait : Step<Queues>
    {
        public override void Run(Queues subject) => subject.EnqueueOrWait();
    }

    private sealed record Offer(int Source) : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Offer(Source);
    }

    private sealed record Probe : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Probe();
    }

    private sealed record Leave(int Index) : Step<Queues>
    {
        public override void Run(Queues subject) => subject.Leave(Index);
    }

    private sealed record ServeNext : Step<Queues>
    {
        public override void Run(Queues subject) => subject.ServeNext();
    }

    private sealed record RefuseAll(int Luck) : Step<Queues>
    {
        public override void Run(Queues subject)
        {
            if (Luck == 0)
                subject.RefuseAll();
        }
    }
}
