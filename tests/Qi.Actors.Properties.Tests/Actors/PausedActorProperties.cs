using FsCheck;

using Qi.Actors.Properties.Tests.Kit;
using Qi.Actors.Tests.Mailboxes;

namespace Qi.Actors.Properties.Tests.Actors;

/// <summary>
/// An actor that stands still in its handler while messages come, and then handles them all: what it is told, what becomes of each
/// message, and in which order.
/// </summary>
internal sealed class PausedActorProperties
{
    private static readonly Gen<Step<Paused>> s_tells = Steps.With<Paused>(12, static number => new Tell(number));

    private static readonly Gen<Step<Paused>> s_steps = Steps.Of(
        (3, s_tells),
        (3, Steps.Just<Paused>(new Send())),
        (1, Steps.With<Paused>(3, static index => new CancelSend(index))));

    [Test]
    public void Prioritized_AtRandom_HandlesInTheOrderOfAStableSort()
        => Programs.Check(static () => new Paused(null, 0), s_tells, static paused => paused.Finish(), runs: 250);

    [Test]
    public void Bounded_AtRandom_ServesItsLineInOrder([Values(1, 4)] int capacity, [Values] MailboxFullMode mode)
        => Programs.Check(() => new Paused(mode, capacity), s_steps, static paused => paused.Finish(), runs: 150, longest: 30);

    // Message 0 is the one that the actor stands still with. Numbers count up; an urgency is added in the low digits.
    private sealed class Paused(MailboxFullMode? mode, int capacity) : IDisposable
    {
        private const int Urgencies = 8;

        private readonly BusyActor _busy = Wait.For(BusyActor.Create(OptionsOf(mode, capacity)), "the actor to be busy");
        private readonly List<int> _waiting = [];
        private readonly List<(int Message, DeadLetterReason Reason)> _letters = [];
        private readonly List<(int Message, Task<bool> Task, CancellationTokenSource Cancel)> _line = [];
        private readonly List<Task<bool>> _sends = [];
        private int _lastNumber;

        public void Tell(int urgency) => Expect.Equal(_busy.Actor.Tell(Next(urgency, out int message)), Take(message), "the answer");

        public void Send()
        {
            Next(0, out int message);
            var cancel = new CancellationTokenSource();
            var task = _busy.Actor.SendAsync(message, cancel.Token).AsTask();
            if (mode == MailboxFullMode.Wait && !HasRoom)
            {
                Expect.Equal(task.IsCompleted, false, "a send that has to wait is done");
                _line.Add((message, task, cancel));
                return;
            }

            bool isTaken = Take(message) is TellStatus.Accepted or TellStatus.Dropped;
            Expect.Equal(task.IsCompleted && task.Result, isTaken, "the send's result");
            cancel.Dispose();
        }

        public void CancelSend(int index)
        {
            if (_line.Count == 0)
                return;
            var (_, task, cancel) = _line[index % _line.Count];
            _line.RemoveAt(index % _line.Count);
            cancel.Cancel();
            Wait.ForEnd(task, "the end of a cancelled send");
            Expect.Equal(task.IsCanceled, true, "the send is cancelled");
            cancel.Dispose();
        }

        public void Finish()
        {
            _sends.AddRange(_line.Select(waiting => waiting.Task));
            var seen = Wait.For(_busy.Finish([.. _sends]), "the actor's end");
            Expect.Sequence(seen, [0, .. Expected()], "what was handled");
            Expect.True(_sends.TrueForAll(task => task.Result), "every send that waited is taken");
            Expect.Sequence(_busy.System.LettersOf().Select(letter => ((int)letter.Message!, letter.Reason)), _letters, "the dead letters");
        }

        public void Dispose()
        {
            Wait.For(_busy.DisposeAsync().AsTask(), "the end of the system");
            foreach (var (_, _, cancel) in _line)
                cancel.Dispose();
        }

        private bool HasRoom => mode is null || (_waiting.Count < capacity && _line.Count == 0);

        private static int Urgency(int message) => message % Urgencies;

        private static ActorOptions OptionsOf(MailboxFullMode? mode, int capacity) => new()
        {
            Mailbox = mode is { } full ? MailboxOptions.Bounded(capacity, full) : MailboxOptions.Prioritized<int>(Urgency),
        };

        private int Next(int urgency, out int message) => message = (++_lastNumber * Urgencies) + (urgency % Urgencies);

        private IEnumerable<int> Expected()
            => mode is null ? _waiting.OrderByDescending(Urgency) : _waiting.Concat(_line.Select(waiting => waiting.Message)); // OrderBy is stable.

        private TellStatus Take(int message)
        {
            if (HasRoom)
            {
                _waiting.Add(message);
                return TellStatus.Accepted;
            }

            switch (mode)
            {
                case MailboxFullMode.DropNewest:
                    _letters.Add((message, DeadLetterReason.Dropped));
                    return TellStatus.Dropped;
                case MailboxFullMode.DropOldest:
                    _letters.Add((_waiting[0], DeadLetterReason.Dropped));
                    _waiting.RemoveAt(0);
                    _waiting.Add(message);
                    return TellStatus.Accepted;
                default:
                    _letters.Add((message, DeadLetterReason.MailboxFull));
                    return TellStatus.Full;
            }
        }
    }

    private sealed record Tell(int Urgency) : Step<Paused>
    {
        public override void Run(Paused subject) => subject.Tell(Urgency);
    }

    private sealed record Send : Step<Paused>
    {
        public override void Run(Paused subject) => subject.Send();
    }

    private sealed record CancelSend(int Index) : Step<Paused>
    {
        public override void Run(Paused subject) => subject.CancelSend(Index);
    }
}
