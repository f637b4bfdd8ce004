using Qi.Actors.Platform;

namespace Qi.Actors.Workloads.Savina;

/// <summary>
/// Forty producers make 1,000 items each for forty consumers, through a party that lets at most fifty items wait.
/// </summary>
public static class BoundedBuffer
{
    private const int Producers = 40;
    private const int Consumers = 40;
    private const int Capacity = 50;
    private const int ProductionCost = 25;
    private const int ConsumptionCost = 25;
    private const int DrawsInCost = 100;

    public static Workload Workload { get; } = Benchmark.Of(
        "bounded-buffer", "item", 40_000,
        static size => Producers * Total.Of(size / Producers),
        Run<QiCarrier>, Run<BlockCarrier>, Producers);

    private static long Run<TCarrier>(ActorSystem system, int size)
        where TCarrier : struct, ICarrier
    {
        var round = new Round<TCarrier>(system);
        var buffer = new Buffer<TCarrier>(round);
        round.Add(buffer);
        var consumers = new Consumer<TCarrier>[Consumers];
        for (int i = 0; i < Consumers; i++)
        {
            round.Add(consumers[i] = new Consumer<TCarrier>(buffer.Self));
            buffer.Self.Tell(new Event<TCarrier>(default, default, consumers[i].Self));
        }

        for (int i = 0; i < Producers; i++)
            round.Add(new Producer<TCarrier>(buffer.Self, Benchmark.Share(size, Producers))).Tell(default);
        round.End();
        return consumers.Sum(static consumer => consumer.Sum);
    }

    private static double Process(double value, int cost)
    {
        var random = new Rng((ulong)cost);
        for (int i = 0; i < cost * DrawsInCost; i++)
            value += Math.Log(random.NextDouble() + 0.01);
        return value;
    }

    private readonly record struct Go;

    private readonly record struct Item(int Number, double Value);

    /// <summary>An item and who made it; or a producer that is done, without an item; or a consumer that waits.</summary>
    private readonly record struct Event<TCarrier>(Item Item, Party<TCarrier, Go> Producer, Party<TCarrier, Item> Consumer)
        where TCarrier : struct, ICarrier;

    private sealed class Buffer<TCarrier>(Round<TCarrier> round) : Role<TCarrier, Event<TCarrier>>
        where TCarrier : struct, ICarrier
    {
        // Every producer may have an item under way when the buffer says that it is full.
        private const int Full = Capacity - Producers;

        private readonly Queue<Item> _items = new();
        private readonly Queue<Party<TCarrier, Go>> _producers = new();
        private readonly Queue<Party<TCarrier, Item>> _consumers = new();
        private int _producersDone;

        public override void Receive(Event<TCarrier> message)
        {
            if (!message.Consumer.IsNobody)
                Serve(message.Consumer);
            else if (message.Item.Number > 0)
                Take(message.Item, message.Producer);
            else
                _producersDone++;
            if (_producersDone == Producers && _consumers.Count == Consumers)
                round.Finish(0);
        }

        private void Take(Item item, Party<TCarrier, Go> producer)
        {
            if (_consumers.TryDequeue(out var consumer))
                consumer.Tell(item);
            else
                _items.Enqueue(item);
            if (_items.Count > Capacity)
                round.Fail($"{_items.Count} items wait; the most is {Capacity}.");
            if (_items.Count >= Full)
                _producers.Enqueue(producer);
            else
                producer.Tell(default);
        }

        private void Serve(Party<TCarrier, Item> consumer)
        {
            if (!_items.TryDequeue(out var item))
            {
                _consumers.Enqueue(consumer);
                return;
            }

            consumer.Tell(item);
            if (_producers.TryDequeue(out var producer))
                producer.Tell(default);
        }
    }

    private sealed class Producer<TCarrier>(Party<TCarrier, Event<TCarrier>> buffer, int items) : Role<TCarrier, Go>
        where TCarrier : struct, ICarrier
    {
        private int _made;
        private double _value;

        public override void Receive(Go message)
        {
            if (_made == items)
            {
                buffer.Tell(new Event<TCarrier>(default, Self, default));
                return;
            }

            _value = Process(_value, ProductionCost);
            buffer.Tell(new Event<TCarrier>(new Item(++_made, _value), Self, default));
        }
    }

    private sealed class Consumer<TCarrier>(Party<TCarrier, Event<TCarrier>> buffer) : Role<TCarrier, Item>
        where TCarrier : struct, ICarrier
    {
        private double _value;

        public long Sum { get; private set; }

        public override void Receive(Item message)
        {
            _value = Process(_value + message.Value, ConsumptionCost);
            Sum += message.Number;
            buffer.Tell(new Event<TCarrier>(default, default, Self));
        }
    }
}
