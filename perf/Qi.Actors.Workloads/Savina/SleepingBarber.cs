using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>
/// Five thousand customers come to a barber through a waiting room of 1,000 chairs; whom it has no chair for comes again.
/// </summary>
public static class SleepingBarber
{
    private const int Chairs = 1000;
    private const int MostWork = 1000; // for a haircut, and between two customers
    private const int LeastWork = 10;

    public static Workload Workload { get; } =
        Benchmark.Of("sleeping-barber", "haircut", 5_000, static size => size, Run<QiCarrier>, Run<BlockCarrier>);

    private enum Word
    {
        Full,
        Wait,
        Start,
        Done,
    }

    private enum Happening
    {
        Begin,
        Enter,
        Next,
        Returned,
        Served,
        Sleep,
    }

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        round.AwaitParts(2); // the last customer is home, and the barber asleep
        var barber = new Barber<TCarrier>(round, size);
        var room = new Room<TCarrier>(round.Add(barber));
        barber.Room = round.Add(room);
        var street = round.Add(new Street<TCarrier>(round, room.Self, size));
        street.Tell(new Event<TCarrier>(Happening.Begin, default));
        long served = round.End();
        return barber.Haircuts == served
            ? served
            : throw new InvalidOperationException($"{served} left after {barber.Haircuts} haircuts.");
    }

    private static void Spend(ref Rng random, ref long work) => Work.Spin(ref work, LeastWork + (int)random.Below(MostWork));

    private readonly record struct Event<TCarrier>(Happening What, Party<TCarrier, Word> Customer)
        where TCarrier : struct, ICarrier;

    private sealed class Room<TCarrier>(Party<TCarrier, Event<TCarrier>> barber) : Role<TCarrier, Event<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private readonly Queue<Party<TCarrier, Word>> _waiting = new();
        private bool _isBarberAsleep = true;

        public override void Receive(Event<TCarrier> message)
        {
            if (message.What == Happening.Enter)
                Enter(message.Customer);
            else
                CallNext();
        }

        private void Enter(Party<TCarrier, Word> customer)
        {
            if (_waiting.Count == Chairs)
            {
                customer.Tell(Word.Full);
                return;
            }

            _waiting.Enqueue(customer);
            if (_isBarberAsleep)
            {
                _isBarberAsleep = false;
                Self.Tell(new Event<TCarrier>(Happening.Next, default));
            }
            else
            {
                customer.Tell(Word.Wait);
            }
        }

        private void CallNext()
        {
            _isBarberAsleep = !_waiting.TryDequeue(out var customer);
            barber.Tell(new Event<TCarrier>(_isBarberAsleep ? Happening.Sleep : Happening.Enter, customer));
        }
    }

    private sealed class Barber<TCarrier>(Round<TCarrier> round, int customers) : Role<TCarrier, Event<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private Rng _random = new(1);
        private long _work;

        public Party<TCarrier, Event<TCarrier>> Room { get; set; }

        public int Haircuts { get; private set; }

        public override void Receive(Event<TCarrier> message)
        {
            if (message.What == Happening.Sleep)
            {
                if (Haircuts == customers)
                    round.Finish(0);
                return;
            }

            message.Customer.Tell(Word.Start);
            Spend(ref _random, ref _work);
            Haircuts++;
            message.Customer.Tell(Word.Done);
            Room.Tell(new Event<TCarrier>(Happening.Next, default));
        }
    }

    // Where customers come from, and go to.
    private sealed class Street<TCarrier>(Round<TCarrier> round, Party<TCarrier, Event<TCarrier>> room, int customers)
        : Role<TCarrier, Event<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        private Rng _random = new(2);
        private long _work;
        private int _served;

        public override void Receive(Event<TCarrier> message)
        {
            switch (message.What)
            {
                case Happening.Begin:
                    SendAll();
                    break;
                case Happening.Returned:
                    room.Tell(new Event<TCarrier>(Happening.Enter, message.Customer));
                    break;
                case Happening.Served when ++_served == customers:
                    round.Finish(_served);
                    break;
            }
        }

        private void SendAll()
        {
            for (int i = 0; i < customers; i++)
            {
                var customer = round.Spawn(new Customer<TCarrier>(Self));
                room.Tell(new Event<TCarrier>(Happening.Enter, customer));
                Spend(ref _random, ref _work);
            }
        }
    }

    private sealed class Customer<TCarrier>(Party<TCarrier, Event<TCarrier>> street) : Role<TCarrier, Word>
        where TCarrier : struct, ICarrier
    {
        public override void Receive(Word message)
        {
            if (message == Word.Full)
            {
                street.Tell(new Event<TCarrier>(Happening.Returned, Self));
            }
            else if (message == Word.Done)
            {
                Self.Complete();
                street.Tell(new Event<TCarrier>(Happening.Served, default));
            }
        }
    }
}
