namespace Bank.Tellers;

/// <summary>How the latest transfers ended, so that none of them is done twice. The oldest is forgotten first.</summary>
internal sealed class TransferMemory(int capacity)
{
    private readonly Dictionary<Guid, (TransferOrder Order, TransferResult Result)> _known = [];
    private readonly Queue<Guid> _oldestFirst = new();

    /// <summary>How this transfer ended, or that its id was another transfer's; false if the id is new.</summary>
    public bool TryFind(TransferOrder order, out TransferResult result)
    {
        result = default;
        if (!_known.TryGetValue(order.Id, out var known))
            return false;
        result = known.Order == order ? known.Result : new TransferResult(TransferOutcome.IdTaken);
        return true;
    }

    public void Set(TransferOrder order, TransferResult result)
    {
        if (!_known.ContainsKey(order.Id))
        {
            if (_known.Count == capacity)
                _known.Remove(_oldestFirst.Dequeue());
            _oldestFirst.Enqueue(order.Id);
        }

        _known[order.Id] = (order, result);
    }
}
