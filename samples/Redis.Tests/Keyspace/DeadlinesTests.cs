using Redis.Keyspace;

namespace Redis.Tests.Keyspace;

internal sealed class DeadlinesTests
{
    [Test]
    public void First_AfterAnyChanges_IsTheSoonest([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var deadlines = new Deadlines();
        var entries = Enumerable.Range(0, 50).Select(number => new Entry([(byte)number])).ToArray();
        var model = new Dictionary<Entry, long>();
        for (int step = 0; step < 5_000; step++)
        {
            var entry = entries[random.Next(entries.Length)];
            if (random.Next(3) == 0)
            {
                deadlines.Remove(entry);
                model.Remove(entry);
            }
            else
            {
                model[entry] = random.Next(1000);
                deadlines.Set(entry, model[entry]);
            }

            Assert.That(deadlines.Count, Is.EqualTo(model.Count));
            Assert.That(deadlines.First?.DeadlineMs, Is.EqualTo(model.Count == 0 ? null : model.Values.Min()));
            Assert.That(entry.HasDeadline, Is.EqualTo(model.ContainsKey(entry)));
        }
    }
}
