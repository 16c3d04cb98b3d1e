(** What every exported derivation rests on: decisions for if-then-else, recursion and induction
    over the natural numbers inside Z, and the facts leaves are given.  Nothing here is assumed. *)

From Coq Require Export Reals ZArith Lra Lia.
Open Scope R_scope.

(** ** Decisions: the conditions of if-then-else are connectives over comparisons. *)

Definition true_dec : {True} + {~ True} := left I.
Definition false_dec : {False} + {~ False} := right (fun h => h).

Definition and_dec {A B : Prop} (a : {A} + {~ A}) (b : {B} + {~ B}) : {A /\ B} + {~ (A /\ B)} :=
  match a, b with
  | left p, left q => left (conj p q)
  | right p, _ => right (fun h => p (proj1 h))
  | _, right q => right (fun h => q (proj2 h))
  end.

Definition or_dec {A B : Prop} (a : {A} + {~ A}) (b : {B} + {~ B}) : {A \/ B} + {~ (A \/ B)} :=
  match a, b with
  | left p, _ => left (or_introl p)
  | _, left q => left (or_intror q)
  | right p, right q => right (fun h => match h with or_introl x => p x | or_intror y => q y end)
  end.

Definition not_dec {A : Prop} (a : {A} + {~ A}) : {~ A} + {~ ~ A} :=
  match a with left p => right (fun h => h p) | right p => left p end.

Definition imp_dec {A B : Prop} (a : {A} + {~ A}) (b : {B} + {~ B}) : {A -> B} + {~ (A -> B)} :=
  match a, b with
  | _, left q => left (fun _ => q)
  | left p, right q => right (fun h => q (h p))
  | right p, _ => left (fun h => match p h with end)
  end.

Definition iff_dec {A B : Prop} (a : {A} + {~ A}) (b : {B} + {~ B}) : {A <-> B} + {~ (A <-> B)} :=
  and_dec (imp_dec a b) (imp_dec b a).

Lemma if_true {T : Type} {A : Prop} (d : {A} + {~ A}) (x y : T) :
  A -> (if d then x else y) = x.
Proof. destruct d as [p | p]; [reflexivity | intro h; destruct (p h)]. Qed.

Lemma if_false {T : Type} {A : Prop} (d : {A} + {~ A}) (x y : T) :
  ~ A -> (if d then x else y) = y.
Proof. destruct d as [p | p]; [intro h; destruct (h p) | reflexivity]. Qed.

(** A proposition may be decided where the goal is absurdity. *)

Lemma absurd_by_cases (P : Prop) : (P -> False) -> (~ P -> False) -> False.
Proof. intros h k; exact (k h). Qed.

(** ** Recursion and induction over n >= 0. *)

Definition recursion {A : Type} (zero : A) (next : Z -> A -> A) (n : Z) : A :=
  nat_rect (fun _ => A) zero (fun k before => next (Z.of_nat k) before) (Z.to_nat n).

Lemma recursion_next {A : Type} (zero : A) (next : Z -> A -> A) (n : Z) :
  (0 <= n)%Z -> recursion zero next (n + 1)%Z = next n (recursion zero next n).
Proof.
  intro natural; unfold recursion.
  rewrite (Z2Nat.inj_add n 1 natural ltac:(lia)), Nat.add_comm; simpl.
  now rewrite (Z2Nat.id n natural).
Qed.

Lemma natural_induction (P : Z -> Prop) :
  P 0%Z -> (forall n, (0 <= n)%Z -> P n -> P (n + 1)%Z) -> forall n, (0 <= n)%Z -> P n.
Proof. intros base step n natural; now apply natlike_ind. Qed.

Lemma quotient_law : forall a b : R, ~ b = 0 -> a / b * b = a.
Proof. intros a b nonzero; field; exact nonzero. Qed.

(** ** Facts leaves are given. *)

Lemma congruent_predicate {T : Type} (P : T -> Prop) (x y : T) : x = y -> (P x <-> P y).
Proof. intro e; rewrite e; reflexivity. Qed.

Lemma congruent_function {S T : Type} (f : S -> T) (x y : S) : x = y -> f x = f y.
Proof. apply f_equal. Qed.

Lemma division (a b : Z) :
  (0 < b)%Z -> (a = b * (a / b) + a mod b /\ 0 <= a mod b /\ a mod b < b)%Z.
Proof. intro positive; generalize (Z.div_mod a b) (Z.mod_pos_bound a b); lia. Qed.

Lemma Z_zero_times (gap factor : Z) : gap = 0%Z -> (gap * factor = 0)%Z.
Proof. intro e; rewrite e; reflexivity. Qed.

Lemma R_zero_times (gap factor : R) : gap = 0 -> gap * factor = 0.
Proof. intro e; rewrite e; ring. Qed.

(** Comparisons of integers as comparisons of their casts. *)

Lemma IZR_le_of_not_lt (a b : Z) : ~ (a < b)%Z -> IZR b <= IZR a.
Proof. intro h; apply IZR_le; lia. Qed.

Lemma IZR_le_next (a b : Z) : (a < b)%Z -> IZR a + 1 <= IZR b.
Proof. intro h; rewrite <- (plus_IZR a 1); apply IZR_le; lia. Qed.

Lemma IZR_le_next_of_not_le (a b : Z) : ~ (a <= b)%Z -> IZR b + 1 <= IZR a.
Proof. intro h; apply IZR_le_next; lia. Qed.

Lemma IZR_ne (a b : Z) : a <> b -> IZR a <> IZR b.
Proof. intros h e; exact (h (eq_IZR a b e)). Qed.

Ltac lift h :=
  first
    [ apply IZR_le in h
    | apply IZR_le_next in h
    | apply IZR_le_of_not_lt in h
    | apply IZR_le_next_of_not_le in h
    | apply (f_equal IZR) in h
    | apply IZR_ne in h ].

Global Hint Rewrite plus_IZR minus_IZR mult_IZR opp_IZR : casts.

Ltac push_casts := autorewrite with casts in *.
