using System.Globalization;

namespace Bank.Domain;

/// <summary>An amount of money in whole cents, so that nothing is ever rounded.</summary>
internal readonly record struct Money(long Cents) : IComparable<Money>
{
    // No number of this many characters has more digits than a decimal holds, so parsing does not round it either.
    private const int LongestText = 28;

    public static readonly Money Zero = new(0);

    /// <summary>The most that one amount, or one account's balance, may be. Two of them do not overflow when they are added.</summary>
    public static readonly Money Most = new(1_000_000_000_000_000);

    /// <summary>Reads an amount from the text of a number; says what is wrong with it if it is not an amount.</summary>
    public static bool TryParse(string text, out Money money, out string problem)
    {
        money = Zero;
        if (text.Length > LongestText)
            problem = $"is longer than {LongestText} characters; amounts go up to {Most}";
        else if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value))
            problem = $"is too large; amounts go up to {Most}";
        else if (value < 0)
            problem = "is negative; give an amount above zero";
        else if (value > Most.ToDecimal())
            problem = $"is too large; amounts go up to {Most}";
        else if (decimal.Round(value, 2) != value)
            problem = "has more than two decimals; give whole cents, such as 12.34";
        else
        {
            money = new Money((long)(value * 100));
            problem = "";
            return true;
        }

        return false;
    }

    /// <summary>With two decimals, always.</summary>
    public decimal ToDecimal() => Cents * 0.01m;

    public int CompareTo(Money other) => Cents.CompareTo(other.Cents);

    public override string ToString() => ToDecimal().ToString("0.00", CultureInfo.InvariantCulture);

    public static Money operator +(Money left, Money right) => new(checked(left.Cents + right.Cents));

    public static Money operator -(Money left, Money right) => new(checked(left.Cents - right.Cents));

    public static bool operator <(Money left, Money right) => left.Cents < right.Cents;

    public static bool operator >(Money left, Money right) => left.Cents > right.Cents;

    public static bool operator <=(Money left, Money right) => left.Cents <= right.Cents;

    public static bool operator >=(Money left, Money right) => left.Cents >= right.Cents;
}
