namespace Redis.Protocol;

/// <summary>Whole numbers as Redis takes them: no sign but a minus, no spaces, no zeros in front.</summary>
internal static class Integers
{
    /// <summary>The digits of the longest one, with its sign.</summary>
    public const int MostBytes = 20;

    public static bool TryParse(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        bool isNegative = text is [(byte)'-', ..];
        var digits = isNegative ? text[1..] : text;
        if (digits is [] or { Length: >= MostBytes } || (digits[0] == '0' && (isNegative || digits.Length > 1)))
            return false;
        ulong sum = 0; // 19 digits fit
        foreach (byte digit in digits)
        {
            uint value = digit - (uint)'0';
            if (value > 9)
                return false;
            sum = (sum * 10) + value;
        }

        if (sum > (isNegative ? (ulong)long.MaxValue + 1 : long.MaxValue))
            return false;
        number = isNegative ? unchecked((long)(0 - sum)) : (long)sum;
        return true;
    }
}
