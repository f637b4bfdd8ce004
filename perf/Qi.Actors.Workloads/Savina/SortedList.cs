namespace Qi.Actors.Workloads.Savina;

/// <summary>A list of numbers in order, each node a link to the next: every operation walks.</summary>
internal sealed class SortedList
{
    private readonly Node _head = new(int.MinValue, null);

    public int Count { get; private set; }

    /// <summary>True if the numbers are in order and as many as were added.</summary>
    public bool IsSound
    {
        get
        {
            int nodes = 0;
            for (var node = _head; node.Next is { } next; node = next)
            {
                if (next.Value < node.Value)
                    return false;
                nodes++;
            }

            return nodes == Count;
        }
    }

    public void Add(int value)
    {
        var before = LastBelow(value);
        before.Next = new Node(value, before.Next);
        Count++;
    }

    public bool Contains(int value) => LastBelow(value).Next?.Value == value;

    private Node LastBelow(int value)
    {
        var node = _head;
        while (node.Next is { } next && next.Value < value)
            node = next;
        return node;
    }

    private sealed class Node(int value, Node? next)
    {
        public readonly int Value = value;
        public Node? Next = next;
    }
}
